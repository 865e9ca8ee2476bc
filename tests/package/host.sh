# shellcheck shell=bash
# A host: Debian 12 with systemd in a container, booted; its network is a namespace of the lab's world. Sourced by run.sh.

# The file system that all hosts have below their own, with what the package depends on, and rpm. Made once.
make_base() {
    local log=$state/base.log
    if [ -e "$base.complete" ] && [ -e "$base/usr/bin/rpm" ]; then return; fi
    say "making $base (debootstrap)"
    rm -rf "$base" "$base.complete"
    mkdir -p "$base"
    {
        debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,iproute2,procps,openssl,ca-certificates bookworm "$base" &&
            printf '#!/bin/sh\nexit 101\n' >"$base/usr/sbin/policy-rc.d" && chmod 755 "$base/usr/sbin/policy-rc.d" &&
            chroot "$base" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install \
                corosync libcpg4 libquorum5 libnftables1 libssl3 libstdc++6 adduser init-system-helpers rpm &&
            rm "$base/usr/sbin/policy-rc.d"
    } >"$log" 2>&1 || die "no file system could be made: $(tail -n 3 "$log")"
    touch "$base.complete"
}

# boot HOST   and wait until systemd has done what it does at boot.
boot() {
    local host=$1 folder=$state/host-$1
    mkdir -p "$folder"/{up,work,tree}
    mountpoint -q "$folder/tree" || mount -t overlay overlay -o "lowerdir=$base,upperdir=$folder/up,workdir=$folder/work" "$folder/tree"
    echo "$host" >"$folder/tree/etc/hostname"
    rm -f "$folder/tree/etc/machine-id" && touch "$folder/tree/etc/machine-id"
    mkdir -p "$folder/tree/var/log/journal"
    inside "$host" nft flush ruleset
    inside "$host" ip address delete ${net}25/24 dev eth0 2>/dev/null
    ip -n "${prefix}net" link set "$host" up
    ip -n "${prefix}net" link set "${host}c" up
    setsid systemd-nspawn --quiet --directory="$folder/tree" --machine="$prefix$host" --hostname="$host" --register=no --keep-unit --link-journal=no \
        --network-namespace-path="/run/netns/$prefix$host" --capability=CAP_NET_ADMIN,CAP_SYS_NICE,CAP_IPC_LOCK --resolv-conf=off --timezone=off \
        --console=pipe --boot >"$folder/console" 2>&1 </dev/null 9>&- &
    echo $! >"$folder/pid"
    disown $!
    wait_for 300 has_booted "$host" || { tail -n 5 "$folder/console"; in_host "$host" systemctl list-jobs; return 1; }
}

has_booted() { [[ $(in_host "$1" systemctl is-system-running 2>/dev/null) =~ running|degraded ]]; }

# The first process of a host.
leader() { cat "/proc/$(cat "$state/host-$1/pid")/task/$(cat "$state/host-$1/pid")/children" 2>/dev/null | cut -d' ' -f1; }

in_host() {
    local pid
    pid=$(leader "$1")
    shift
    [ -n "$pid" ] && nsenter --target "$pid" --mount --uts --ipc --net --pid --cgroup -- /usr/bin/env -C / -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}

# die_host HOST   as if its power were cut.
die_host() {
    # Its processes first: a node whose link goes down still has the time to hand over.
    kill -KILL "$(leader "$1")" "$(cat "$state/host-$1/pid")" 2>/dev/null
    printf 'link set %s down\nlink set %sc down\n' "$1" "$1" | ip -n "${prefix}net" -batch -
    wait_for 50 not host_runs "$1"
}

host_runs() { [ -d "/proc/$(cat "$state/host-$1/pid" 2>/dev/null)" ]; }

take_down() {
    local host
    [ -d "$state" ] || return 0
    for host in $nodes; do
        if host_runs "$host"; then die_host "$host"; fi
        umount -l "$state/host-$host/tree" 2>/dev/null
    done
    remove_world
}
