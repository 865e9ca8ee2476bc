# shellcheck shell=bash
# Sourced by run.sh and soak.sh: build what is measured and what measures, and run it in namespaces of its own.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/tests/need.sh"

# measure_inside VERB BINARY OPTION...   BINARY may be empty: then the product is built and taken.
#
# A network and a process namespace without names: whatever is started dies with the first process in it, and with the last process the
# namespaces are gone, on every way out. Nothing outside can be hit, and nothing stays behind.
measure_inside() {
    local verb=$1 binary=$2 status=0
    shift 2
    is_root || die "run as root: it makes a network namespace"
    [ "$(nproc)" -ge 2 ] || die "needs two CPUs: one for the proxy, one for clients and servers"
    need_dotnet
    need_commands haproxy:haproxy nginx:nginx-light wrk:wrk ip:iproute2 ss:iproute2 setpriv:util-linux

    if [ -z "$binary" ]; then
        publish src/ExchangeLb publish
        binary=$root/artifacts/publish/exchangelb
    fi
    command -v "$binary" >/dev/null || die "no such program: $binary"
    binary=$(realpath "$(command -v "$binary")")
    publish tests/bench/ExchangeLb.Bench bench

    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    ulimit -n "$(ulimit -Hn)"
    setpriv --pdeathsig KILL unshare --net --pid --fork --kill-child --mount-proc \
        bash -c "$inside" inside dotnet "$root/artifacts/bench/ExchangeLb.Bench.dll" "$verb" --binary "$binary" --directory "$scratch" "$@" &
    # shellcheck disable=SC2064  # the process of now
    trap "{ kill -KILL $!; wait $!; } 2>/dev/null; exit 130" INT TERM HUP
    wait $! || status=$?
    return $status
}

# reno: the host's default may pace (BBR), which hides what a proxy can do; Debian's cubic can't be set in a namespace everywhere.
# Ports: all that listens is below 1024, the rest is for connections, so that none runs out of ports in TIME_WAIT.
readonly inside='
    set -eu
    ip link set lo up
    echo reno > /proc/sys/net/ipv4/tcp_congestion_control
    echo 1024 65535 > /proc/sys/net/ipv4/ip_local_port_range
    exec "$@"'

publish() {
    say "building $1" >&2
    dotnet publish "$root/$1" -c Release -o "$root/artifacts/$2" --disable-build-servers -v quiet -clp:NoSummary >&2 || die "$1 does not build"
}
