#!/usr/bin/env bash
# Builds the packages from this clone: artifacts/packages/exchangelb_VERSION_amd64.deb and exchangelb-VERSION-1.x86_64.rpm.
#
#   sudo src/package/build.sh            both
#   sudo src/package/build.sh deb|rpm    one of them
#
# As root only where a tool has to be installed. PROGRAM=/path/to/exchangelb packs a program that has been published already; with VERSION=… the
# package calls itself so, to try an upgrade; QUICK=1 packs it less tightly.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/need.sh

readonly package=src/package out=$PWD/artifacts/packages
version=${VERSION:-$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)}
readonly version
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

main() {
    local kinds=("${1:-deb}")
    [ $# -gt 0 ] || kinds=(deb rpm)
    case ${kinds[0]} in deb | rpm) ;; *) die "deb, rpm, or nothing for both: not ${kinds[0]}" ;; esac
    need_commands dpkg-deb:dpkg gzip:gzip
    if [[ " ${kinds[*]} " == *" rpm "* ]]; then need_commands rpmbuild:rpm; fi
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s)
    export SOURCE_DATE_EPOCH
    publish
    lay_out "$tree/root"
    mkdir -p "$out"
    local kind
    for kind in "${kinds[@]}"; do "make_$kind"; done
}

publish() {
    program=${PROGRAM:-$PWD/artifacts/publish/exchangelb}
    if [ -z "${PROGRAM:-}" ]; then
        need_dotnet
        say "publishing src/ExchangeLb: some minutes, more on a busy machine"
        dotnet publish src/ExchangeLb -c Release -o artifacts/publish -p:PublishDocumentationFiles=false -v quiet -clp:NoSummary || die "the program could not be built: see above"
    fi
    [ -x "$program" ] || die "there is no program $program"
}

# What both packages have in common, as it lies in the file system.
lay_out() {
    local root=$1
    install -Dm755 "$program" "$root/usr/sbin/exchangelb"
    install -Dm644 cluster-config/haproxy.cfg "$root/etc/exchangelb/haproxy.cfg"
    install -Dm644 cluster-config/cluster.cfg "$root/etc/exchangelb/cluster.cfg"
    install -Dm644 -t "$root/lib/systemd/system" $package/units/*.service
    install -Dm644 $package/exchangelb.sysusers "$root/usr/lib/sysusers.d/exchangelb.conf"
    install -Dm644 $package/completion/exchangelb "$root/usr/share/bash-completion/completions/exchangelb"
    install -d "$root/usr/share/man/man8" "$root/usr/share/man/man5" "$root/usr/share/doc/exchangelb"
    sed "s/@VERSION@/$version/" $package/man/exchangelb.8 | gzip -9n >"$root/usr/share/man/man8/exchangelb.8.gz"
    $package/man/cluster.cfg.sh "$version" | gzip -9n >"$root/usr/share/man/man5/cluster.cfg.5.gz"
    lay_out_guides "$root/usr/share/doc/exchangelb/cluster-config"
    install -m644 $package/copyright "$root/usr/share/doc/exchangelb/copyright"
    gzip -9n <CHANGELOG.md >"$root/usr/share/doc/exchangelb/NEWS.gz"
}

# The guides and their examples, as they lie in cluster-config, so that what links them works. A link that leads to what a package does not hold
# (source, tests, Docker) leaves its words.
lay_out_guides() {
    local guides=$1 file
    while read -r file; do
        install -Dm644 "cluster-config/$file" "$guides/$file"
    done < <(cd cluster-config && find . -type f -not -path './docker/*' \( -name '*.md' -o -name '*.cfg' \) -printf '%P\n')
    sed -Ei 's/\[([^]]*)\]\((\.\.|docker)\/[^)]*\)/\1/g' "$guides"/*.md
}

make_deb() {
    local root=$tree/deb file=$out/exchangelb_${version}_amd64.deb
    cp -a "$tree/root" "$root"
    rm -r "$root/usr/lib" # adduser makes the user, also where no systemd is
    install -Dm644 $package/deb/lintian-overrides "$root/usr/share/lintian/overrides/exchangelb"
    printf 'exchangelb (%s) unstable; urgency=medium\n\n  * What is new: /usr/share/doc/exchangelb/NEWS.gz\n\n -- The ExchangeLb project <maintainers@exchangelb.invalid>  %s\n' \
        "$version" "$(date -ud "@$SOURCE_DATE_EPOCH" -R)" | gzip -9n >"$root/usr/share/doc/exchangelb/changelog.gz"
    install -d "$root/DEBIAN"
    sed "s/@VERSION@/$version/; s/@SIZE@/$(du -sk --exclude=DEBIAN "$root" | cut -f1)/" $package/deb/control >"$root/DEBIAN/control"
    install -m644 $package/deb/conffiles "$root/DEBIAN/conffiles"
    install -m755 -t "$root/DEBIAN" $package/deb/postinst $package/deb/prerm $package/deb/postrm
    (cd "$root" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
    dpkg-deb --root-owner-group ${QUICK:+-Zgzip} ${QUICK:+-z1} --build "$root" "$tree/deb.deb" >/dev/null
    mv "$tree/deb.deb" "$file" # whole or not at all
    say "$file"
}

make_rpm() {
    local name=exchangelb-${version//-/\~}-1.x86_64.rpm root=$tree/rpmroot
    cp -a "$tree/root" "$root"
    mkdir -p "$root/usr/lib/systemd"
    mv "$root/lib/systemd/system" "$root/usr/lib/systemd/system" && rm -r "$root/lib"
    rpmbuild -bb --quiet --target x86_64-linux --buildroot "$tree/buildroot" \
        --define "_topdir $tree/rpm" --define "_rpmdir $tree/rpms" --define "root $root" --define "version_ ${version//-/\~}" \
        --define "_build_id_links none" --define "__strip /bin/true" --define "_binary_payload w9.zstdio" \
        --define "source_date_epoch_from_changelog 0" --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
        $package/rpm/exchangelb.spec >"$tree/rpm.log" 2>&1 || die "rpmbuild: $(tail -n 3 "$tree/rpm.log")"
    find "$tree/rpms" -name '*.rpm' -exec mv {} "$out/$name" \;
    say "$out/$name"
}

main "$@"
