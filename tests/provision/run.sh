#!/usr/bin/env bash
# Runs the provisioning scripts of vagrant/ on five Debian systems without a hypervisor, and then uses what came out.
#
#   sudo tests/provision/run.sh [PACKAGE.deb]     without a package: the one that src/package/build.sh makes; with REUSE=1 that is there already
#   sudo tests/provision/run.sh prepare           only what the machines need
#
# Each machine of the Vagrantfile is a copy-on-write copy of one debootstrap tree, that of tests/package, in a network namespace of its own. What vagrant
# does is done here by chroot; what systemd does, by starting the daemons. Ends with 0 when every protocol was answered before and after the owner's death.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. tests/need.sh

readonly base=/var/cache/exchangelb-test/bookworm layer=/var/cache/exchangelb-test/provision
readonly wanted="nginx-light postfix dovecot-imapd dovecot-pop3d curl ca-certificates corosync libnftables1 adduser"

main() {
    is_root || die "network namespaces need root: sudo tests/provision/run.sh"
    if [ "${1:-}" = --inside ]; then shift; inside_main "$@"; return; fi
    need_commands debootstrap:debootstrap ip:iproute2 unshare:util-linux openssl:openssl
    if [ "${1:-}" = prepare ]; then make_layer; return; fi
    local package=${1:-}
    if [ -z "$package" ]; then
        [ -n "${REUSE:-}" ] || src/package/build.sh deb || die "there is no package to install: see above"
        package=$(find "$PWD/artifacts/packages" -name 'exchangelb_*_amd64.deb' -not -name '*+next*' | sort -V | tail -n 1)
    fi
    [ -r "$package" ] || die "there is no package $package"
    validate_vagrantfile
    make_layer
    # Processes and mounts end with these namespaces, whatever happens.
    exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc "$PWD/tests/provision/run.sh" --inside "$(realpath "$package")"
}

# Where Vagrant is; it needs no provider for this, and leaves its own state to a folder that goes away.
validate_vagrantfile() {
    local box folder said
    command -v vagrant >/dev/null 2>&1 || { say "no vagrant here: the Vagrantfile is not validated"; return; }
    folder=$(mktemp -d)
    for box in debian/bookworm64 almalinux/9; do
        said=$(cd vagrant && BOX=$box VAGRANT_HOME=$folder/home VAGRANT_DOTFILE_PATH=$folder/state vagrant validate --ignore-provider 2>&1) ||
            { printf '%s\n' "$said" >&2; die "vagrant does not take the Vagrantfile (box $box)"; }
        say "vagrant takes the Vagrantfile (box $box)"
    done
    rm -rf "$folder"
}

# Once: the tree, and over it the package lists and the packages' files, so that the machines need no network of their own.
make_layer() {
    local state log
    [ -e "$layer.complete" ] && [ -e "$base.complete" ] && return
    state=$(mktemp -d) log=$layer.log
    . tests/package/host.sh
    make_base
    say "fetching the packages of the machines"
    rm -rf "$layer"
    mkdir -p "$layer/usr/sbin" "$state/work" "$state/tree"
    printf '#!/bin/sh\nexit 101\n' >"$layer/usr/sbin/policy-rc.d"
    chmod 755 "$layer/usr/sbin/policy-rc.d"
    mount -t overlay -o "lowerdir=$base,upperdir=$layer,workdir=$state/work" layer "$state/tree" || die "no overlay file system here"
    # shellcheck disable=SC2086
    { in_tree apt-get -qq update && in_tree apt-get -qq -y --download-only --no-install-recommends install $wanted; } >"$log" 2>&1 && touch "$layer.complete"
    umount "$state/tree"
    rm -rf "$state"
    [ -e "$layer.complete" ] || { tail -n 5 "$log" >&2; die "the packages could not be fetched"; }
}

in_tree() { DEBIAN_FRONTEND=noninteractive chroot "$state/tree" "$@" </dev/null; }

inside_main() {
    local package=$1 host
    work=$(mktemp -d)
    readonly work state=$work/lab prefix=elbp$$-
    . vagrant/lab/world.sh
    trap 'finish $?' EXIT
    mount -t tmpfs machines "$work"
    mkdir -p "$state" "$work/secrets" "$work/certificates"
    make_world
    sh cluster-config/docker/secrets.sh "$work/secrets" "$work/certificates" || die "no key, no certificate"
    for host in $hosts; do make_machine "$host"; done
    for host in exchange1 exchange2 lb1 lb2 client; do provision "$host" "$package"; done
    for host in exchange1 exchange2; do
        on $host nginx || die "$host: nginx did not start"
        on $host postfix start >"$state/$host.postfix" 2>&1 || die "$host: postfix did not start: $(tail -n 1 "$state/$host.postfix")"
        on $host dovecot || die "$host: dovecot did not start"
    done
    for host in lb1 lb2; do
        on $host exchangelb -f /etc/exchangelb/haproxy.cfg --cluster /etc/exchangelb/cluster.cfg --node $host >"$state/$host.out" 2>&1 &
    done
    wait_for 300 would_fail_over || { tail -n 5 "$state"/lb?.out >&2; on lb1 exchangelb status >&2; die "the pair is not healthy"; }
    say "== every protocol, through the pair"
    on client exchange-check || { tail -n 3 "$work"/exchange?/fs/var/log/dovecot.log >&2; die "not every protocol was answered"; }
    local owner
    owner=$(on lb1 exchangelb status | awk '$1 == "192.168.200.25" { print $2 }')
    say "== $owner is killed"
    # shellcheck disable=SC2046
    kill -KILL $(ip netns pids "$prefix$owner")
    wait_for 50 on client curl --silent --fail --noproxy '*' --max-time 1 --cacert /etc/exchange-stand-in/ca.crt -o /dev/null https://mail.vcloudlab.local/owa/healthcheck.htm ||
        die "nobody took over"
    on client exchange-check || die "not every protocol was answered by the other node"
    say "all well after $SECONDS s"
}

would_fail_over() { on lb1 exchangelb status >/dev/null 2>&1 && on lb2 exchangelb status >/dev/null 2>&1; }

# on HOST COMMAND...   as in a shell of that machine.
on() {
    local host=$1
    shift
    inside "$host" chroot "$work/$host/fs" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/ "$@" </dev/null
}

make_machine() {
    local host=$1 root=$work/$1/fs
    mkdir -p "$work/$host/upper" "$work/$host/work" "$root"
    mount -t overlay -o "lowerdir=$layer:$base,upperdir=$work/$host/upper,workdir=$work/$host/work" machine "$root" || die "no overlay file system here"
    mount --bind /proc "$root/proc"
    mount --bind /dev "$root/dev"
    mount -t tmpfs run "$root/run"
    mkdir -p "$root/run/lock" "$root/tmp/exchangelb"
    say "$host" >"$root/etc/hostname"
    echo "127.0.0.1 localhost $host $host.vcloudlab.local" >"$root/etc/hosts"
}

# As the Vagrantfile does: the files of the role, then its script.
provision() {
    local host=$1 package=$2 role files=$work/$1/fs/tmp/exchangelb
    cp vagrant/provision.sh "$files/"
    case $host in
        lb?) role=balancer; cp "$package" cluster-config/examples/exchange/*.cfg "$work/secrets/cluster.key" "$files/" ;;
        exchange?) role=exchange; cp vagrant/lab/exchange.nginx.conf "$work/certificates"/mail.* "$files/" ;;
        client) role=client; cp "$work/certificates/ca.crt" "$files/" ;;
    esac
    cp "vagrant/provision-$role.sh" "$files/"
    on "$host" sh "/tmp/exchangelb/provision-$role.sh" "$host" /tmp/exchangelb >"$state/$host.provision" 2>&1 || { tail -n 15 "$state/$host.provision" >&2; die "$host could not be provisioned"; }
    tail -n 1 "$state/$host.provision"
}

finish() {
    local host
    trap - EXIT
    for host in $hosts net; do
        [ -e "/run/netns/$prefix$host" ] || continue
        # shellcheck disable=SC2046
        kill -KILL $(ip netns pids "$prefix$host") 2>/dev/null
        ip netns delete "$prefix$host"
    done
    cd / && umount -l "$work" 2>/dev/null
    rmdir "$work"
    exit "$1"
}

main "$@"
