# shellcheck shell=bash
# What run.sh checks of the package files themselves. Sourced by it.

readonly exposure_max=2.5

check_files() {
    step "the files"
    check "lintian has nothing that is not explained" lintian_is_silent
    check "exchangelb.service is exposed less than $exposure_max" exposure_of exchangelb
    check "exchangelb-guard.service is exposed less than $exposure_max" exposure_of exchangelb-guard
    check "man pages have no warnings, and name every verb and flag" man_pages_are_right
    check "bash completes verbs and nodes" completes
    check "the rpm holds the same files as the deb" rpm_holds_the_same
    check "the rpm's scripts and dependencies are read" rpm_is_read
    check "the rpm is installed, put in anew over changed files, and removed" rpm_lives
    check "the guides are there, and what they link" guides_are_linked
}

lintian_is_silent() {
    local said
    said=$(lintian --allow-root --fail-on=none --display-info --pedantic --tag-display-limit 0 "$deb" 2>&1 | grep -v '^running with root') || true
    printf '%s\n' "$said"
    [ -z "$said" ]
}

exposure_of() {
    local figure
    cp src/package/units/"$1".service "$state/"
    figure=$(systemd-analyze security --offline=true --no-pager "$state/$1.service" 2>/dev/null | grep -o 'exposure level.*: [0-9.]*' | grep -o '[0-9.]*$')
    say "      ($1.service: $figure)" >&3
    awk -v f="$figure" -v m=$exposure_max 'BEGIN { exit !(f > 0 && f < m) }'
}

# By the systemd of the host, where the package is installed.
units_are_known() {
    local said
    said=$(in_host "$1" systemd-analyze verify --man=no exchangelb.service exchangelb-guard.service exchangelb-corosync.service 2>&1 | grep exchangelb)
    printf '%s\n' "$said"
    [ -z "$said" ]
}

man_pages_are_right() {
    local page said word text
    mkdir -p "$state/verify"
    dpkg-deb -x "$deb" "$state/verify"
    for page in "$state"/verify/usr/share/man/man*/*.gz; do
        said=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=100 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
        [ -z "$said" ] || { say "$page: $said"; return 1; }
    done
    text=$(zcat "$state"/verify/usr/share/man/man8/exchangelb.8.gz | sed 's/\\-/-/g; s/\\f.//g')
    for word in $("$state/verify/usr/sbin/exchangelb" --help | grep -oE '^  +(-{1,2}[a-zA-Z]+|[a-z-]+)' | sort -u); do
        [ "$word" = -de ] || grep -qwF -e "$word" <<<"$text" || { say "exchangelb(8) lacks $word"; return 1; }
    done
}

completes() {
    local words
    words=$(bash -c '. "$1"; COMP_WORDS=(exchangelb sw); COMP_CWORD=1; _exchangelb; printf "%s " "${COMPREPLY[@]}"' sh src/package/completion/exchangelb)
    [ "$words" = "switchover " ]
}

rpm_holds_the_same() {
    diff <(dpkg-deb -c "$deb" | awk '$1 ~ /^-/ { print $1, substr($6, 2) }' | sed 's|/lib/systemd|/usr/lib/systemd|' | grep -v 'lintian\|changelog' | sort) \
        <(rpm -qplv "$rpm" 2>/dev/null | awk '$1 ~ /^-/ { print $1, $NF }' | grep -v sysusers | sort) &&
        [ "$(rpm -qpc "$rpm" 2>/dev/null | tr '\n' ' ')" = "/etc/exchangelb/cluster.cfg /etc/exchangelb/haproxy.cfg " ]
}

# Dependencies can't be met by Debian's rpm, which knows no packages; everything else of an installation is tried.
rpm_is_read() {
    mkdir -p "$state/rpmdb"
    rpm --dbpath "$state/rpmdb" --initdb && rpm --dbpath "$state/rpmdb" -i --test --nodeps "$rpm" &&
        rpm -qpR "$rpm" 2>/dev/null | grep -x 'libcpg.so.4()(64bit)' && rpm -qp --scripts "$rpm" 2>/dev/null | grep useradd
}

# In a tree that is Debian's otherwise: rpm runs the package's scripts inside, with the tree's shell and useradd.
rpm_lives() {
    local tree=$state/rpm/tree status=0
    mkdir -p "$state"/rpm/{up,work,tree}
    mount -t overlay overlay -o "lowerdir=$base,upperdir=$state/rpm/up,workdir=$state/rpm/work" "$tree" || return 1
    mount --bind /proc "$tree/proc"
    rpm_lives_in "$tree" || status=1
    umount "$tree/proc"
    umount -l "$tree"
    rm -rf "$state/rpm"
    return $status
}

rpm_lives_in() {
    local tree=$1 etc=$1/etc/exchangelb said
    said=$(rpm --root "$tree" --initdb 2>&1 && rpm --root "$tree" --force-debian -i --nodeps "$rpm" 2>&1)
    [ -z "$said" ] || { say "rpm -i: $said"; return 1; }
    rpm --root "$tree" -V --nodeps exchangelb || return 1
    chroot "$tree" getent passwd exchangelb | grep ':/nonexistent:/sbin/nologin$' || return 1
    chroot "$tree" /usr/sbin/exchangelb -c -f /etc/exchangelb/haproxy.cfg --cluster /etc/exchangelb/cluster.cfg --node lb1 || return 1
    echo '# changed' | tee -a "$etc/haproxy.cfg" >"$etc/cluster.key"
    rpm --root "$tree" --force-debian -U --nodeps --replacepkgs "$rpm" || return 1
    tail -n 1 "$etc/haproxy.cfg" | grep -x '# changed' || return 1
    rpm --root "$tree" --force-debian -e --nodeps exchangelb 2>&1
    ls "$etc"
    [ ! -e "$tree/usr/sbin/exchangelb" ] && [ ! -e "$tree/usr/share/doc/exchangelb" ] && grep -x '# changed' "$etc/haproxy.cfg.rpmsave" && [ -s "$etc/cluster.key" ]
}

# Run by check_files after the man pages' test has unpacked the package.
guides_are_linked() {
    local guides=$state/verify/usr/share/doc/exchangelb/cluster-config file link count=0
    for file in cluster-config/*.md; do [ -r "$guides/${file#*/}" ] || { say "$file is not in the package"; return 1; }; done
    for file in "$guides"/*.md; do
        for link in $(grep -oE '\]\([^)#]+' "$file" | cut -c3- | grep -v '://'); do
            [ -e "$guides/$link" ] || { say "${file##*/} links $link, which is not in the package"; return 1; }
            count=$((count + 1))
        done
    done
    [ $count -gt 10 ] || { say "the guides have $count links only"; return 1; }
    zcat "${guides%/*}/NEWS.gz" | cmp - CHANGELOG.md
}
