#!/usr/bin/env bash
# The article's configuration, run for real on this machine, in network namespaces: nothing is reachable from outside.
#
#   sudo vagrant/lab.sh up        builds, starts everything, shows what it does, leaves it running
#   sudo vagrant/lab.sh status    who runs, and the states of the servers
#   sudo vagrant/lab.sh traffic   one request from each of eight clients
#   sudo vagrant/lab.sh stick     one client, six connections
#   sudo vagrant/lab.sh kill N    kills Exchange stand-in 1 or 2;   start N   starts it again
#   sudo vagrant/lab.sh stats     the statistics as a table;        browse [PORT]   the stats page on http://127.0.0.1:PORT/
#   sudo vagrant/lab.sh log [N]   the last lines of the traffic log
#   sudo vagrant/lab.sh down      stops and removes everything
#
# LAB_BALANCER=haproxy runs the distribution's HAProxy in place of ExchangeLb, LAB_BALANCER=/path/to/exchangelb a build of yours.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. tests/need.sh

readonly prefix=${LAB_PREFIX:-elb-}
state=/run/exchangelb-lab
[ "$prefix" = elb- ] || state+=.$prefix
readonly state configuration=$PWD/cluster-config/haproxy.cfg

. vagrant/lab/world.sh
. vagrant/lab/show.sh

up() {
    exec </dev/null
    need_commands ip:iproute2 nginx:nginx-light curl:curl openssl:openssl socat:socat setsid:util-linux awk:mawk
    [ -r "$configuration" ] || die "there is no $configuration"
    find_balancer
    if [ -d "$state" ]; then say "taking down the lab that is there"; fi
    remove_world || die "an old lab could not be removed: see above"
    mkdir -p "$state"
    trap 'give_up' EXIT

    say "== five network namespaces ($prefix…), two TLS web servers, $("$balancer" -v | head -n 1)"
    make_world
    make_certificates
    start_exchange 1
    start_exchange 2
    start_log
    start_balancer

    demonstrate
    trap - EXIT
    say ""
    say "All of this runs on. Try:"
    say "    sudo vagrant/lab.sh kill 1        then  traffic, stats, log, start 1"
    say "    sudo vagrant/lab.sh browse        the stats page in your browser"
    say "    sudo ip netns exec ${prefix}client curl --cacert $state/ca.crt --resolve $site:443:$net.25 https://$site/owa/healthcheck.htm"
    say "    echo 'show table e2k13' | sudo socat - $state/stats.sock"
    say "    sudo vagrant/lab.sh down"
}

demonstrate() {
    step "Both servers answer: eight clients, one request each"
    traffic 51 58 && [ "$servers_seen" -eq 2 ] || die "not both servers answered"
    step "One client stays with its server"
    stick 60 || die "the client did not stick"
    stick 61 || die "the client did not stick"
    step "A server is killed"
    traffic 51 58 >/dev/null
    local client
    client=$(client_of exchange2) || die "no client was stuck to exchange2"
    show_death 2 "$client" || die "the killed server was not left in time"
    traffic 51 66 || die "requests failed although a server was left"
    step "It comes back"
    start_exchange 2
    wait_for 100 status_is exchange2 UP || die "exchange2 is not taken back"
    say "    exchange2 is used again"
    traffic 67 74 && [ "$servers_seen" -eq 2 ] || die "new clients do not reach it"
    step "Traffic log ($state/log.txt)"
    show_log 4 || die "nothing was logged"
    step "Stats page: http://$net.25/ inside ${prefix}client; in your browser with: sudo vagrant/lab.sh browse"
    show_states
}

step() { say ""; say "== $1"; }

client_of() {
    local last
    for last in $(seq 51 58); do
        if [ "$(ask "$last")" = "$1" ]; then say "$last"; return 0; fi
    done
    return 1
}

find_balancer() {
    case ${LAB_BALANCER:-exchangelb} in
        exchangelb)
            need_dotnet
            say "building (dotnet publish, into artifacts/publish)"
            local log=$PWD/artifacts/publish.log
            mkdir -p artifacts
            # A build folder of its own: what root builds here does not get in the way of other builds.
            dotnet publish src/ExchangeLb -c Release -o artifacts/publish --artifacts-path artifacts/lab -p:PublishDocumentationFiles=false --disable-build-servers -v quiet >"$log" 2>&1 ||
                { tail -n 20 "$log" >&2; die "the build failed: see above"; }
            balancer=$PWD/artifacts/publish/exchangelb
            ;;
        haproxy)
            need_commands haproxy:haproxy
            balancer=$(command -v haproxy)
            ;;
        *)
            [ -x "$LAB_BALANCER" ] || die "LAB_BALANCER: $LAB_BALANCER is no program"
            balancer=$(realpath "$LAB_BALANCER")
            ;;
    esac
}

give_up() {
    if [ -s "$state/balancer.out" ]; then say "-- the balancer said:"; tail -n 20 "$state/balancer.out"; fi
    remove_world
    say "the lab was taken down again"
} >&2

browse() {
    local port=${1:-8080}
    say "http://127.0.0.1:$port/ (Ctrl-C ends it)"
    socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "EXEC:ip netns exec ${prefix}client socat STDIO TCP\:$net.25\:80"
}

which_server() {
    case ${1:-} in
        1 | 2) ;;
        *) die "which server? 1 or 2" ;;
    esac
}

usage() { sed -n 's/^#   sudo/sudo/p' "$0"; }

case ${1:-} in
    up | status | traffic | stick | kill | start | stats | browse | log | down) ;;
    "" | help | -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
esac
is_root || die "network namespaces need root: sudo vagrant/lab.sh $*"
case $1 in
    up | down) ;;
    *) [ -d "$state" ] || die "the lab is not up: sudo vagrant/lab.sh up" ;;
esac

# What changes the lab has it for itself; the programs that it starts do not keep the lock (see launch).
case $1 in
    up | down | kill | start)
        exec 9>"$state.lock"
        flock --nonblock 9 || die "another $0 is at work"
        ;;
esac

case $1 in
    up) up ;;
    status) show_processes; show_states ;;
    traffic) traffic 51 58 ;;
    stick) stick 60 ;;
    kill) which_server "${2:-}"; end "exchange$2" KILL; say "exchange$2 is killed" ;;
    start) which_server "${2:-}"; runs "exchange$2" && die "exchange$2 runs already"; start_exchange "$2"; say "exchange$2 runs" ;;
    stats) show_states ;;
    browse) browse "${2:-}" ;;
    log) show_log "${2:-10}" ;;
    down) remove_world && rm -f "$state.lock" && say "everything is stopped and removed" ;;
esac
