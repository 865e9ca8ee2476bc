#!/usr/bin/env bash
# The pair on this machine: the article's configuration on a virtual IP, run for real in network namespaces; nothing is reachable from outside.
#
#   sudo vagrant/lab.sh up        builds, starts everything, shows what it does, leaves it running; a lab that is up is taken down first
#   vagrant/lab.sh build          only builds what `up` runs
#   sudo vagrant/lab.sh status [NODE]   nodes, owner of the virtual IP, servers; ends with the code of `exchangelb status`
#   sudo vagrant/lab.sh [NODE] VERB [ARGUMENT...]   what `exchangelb VERB` is on that host: events, switchover, reload --all, lb1 status --watch, lb2 standby
#   sudo vagrant/lab.sh traffic   one request from each of eight clients
#   sudo vagrant/lab.sh stick     one client, six connections
#   sudo vagrant/lab.sh failover KIND [--trials N] [--record FILE]   breaks something, says what a client saw, mends it
#   sudo vagrant/lab.sh load [N]  N stick entries, both cores busy, a peer that is taught: the longest gap between two renewals
#   sudo vagrant/lab.sh heal      mends what is broken: networks, stopped and dead nodes
#   sudo vagrant/lab.sh kill N    kills Exchange stand-in 1 or 2;   start N   starts it again
#   sudo vagrant/lab.sh stats     the statistics as a table;        browse [PORT]   the stats page on http://127.0.0.1:PORT/
#   sudo vagrant/lab.sh log [N]   the last lines of the traffic log
#   sudo vagrant/lab.sh down      stops and removes everything
#
# At `up`, as in `sudo LAB_IPV6=yes vagrant/lab.sh up`: LAB_BALANCER=haproxy runs the distribution's HAProxy and keepalived (LAB_ADVERT=1s, 100ms or 10ms) in place of ExchangeLb,
# LAB_BALANCER=/path/to/exchangelb a build of yours; LAB_LEASE=60ms sets another lease, LAB_TABLE=200k another size of the stick table, LAB_HAND_OVER=planned
# what becomes of connections; LAB_STREAMS=200 (also at `failover`) adds so many connections of all kinds, whose bytes are checked through a failover,
# LAB_STREAM_KIND of one kind only: Idle, ClientFirst, ServerFirst, PingPong, Download, Upload, Tls, ClientEnded, ServerEnded or SlowDownload;
# LAB_WORDS=/a/folder (at `failover`) keeps what nodes and clients wrote in each trial;
# LAB_IPV6=yes gives client, nodes, servers and the virtual IP IPv6 addresses and none of IPv4;
# LAB_USER=nobody runs balancer and guard as an ordinary user with three capabilities, and Corosync beside them as root;
# LAB_DEMONSTRATION=no ends when the pair is healthy. LAB_PREFIX names a second lab beside the first.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. tests/need.sh

readonly prefix=${LAB_PREFIX:-elb-} lab="sudo ${LAB_PREFIX:+LAB_PREFIX=$LAB_PREFIX }vagrant/lab.sh"
state=/run/exchangelb-lab
[ "$prefix" = elb- ] || state+=.$prefix
readonly state configuration=$PWD/cluster-config/haproxy.cfg
if [ "${1:-}" = up ]; then ipv6=${LAB_IPV6:-no}; else ipv6=$(cat "$state/ipv6" 2>/dev/null || say no); fi
readonly ipv6

. vagrant/lab/world.sh
. vagrant/lab/node.sh
. vagrant/lab/show.sh
. vagrant/lab/faults.sh
. vagrant/lab/drill.sh
. vagrant/lab/load.sh

up() {
    local node
    exec </dev/null
    need_commands ip:iproute2 nginx:nginx-light curl:curl openssl:openssl socat:socat setsid:util-linux awk:mawk
    [ -r "$configuration" ] || die "there is no $configuration"
    find_balancer
    find_client
    if [ -d "$state" ]; then say "taking down the lab that is there"; fi
    remove_world || die "an old lab could not be removed: see above"
    mkdir -p "$state"
    trap 'give_up' EXIT
    say "$balancer" >"$state/balancer"
    say "$client" >"$state/client"
    say "$kind" >"$state/kind"
    say "$ipv6" >"$state/ipv6"

    say "== a client, two nodes, two TLS web servers in network namespaces ($prefix…); $("$balancer" -v | head -n 1)"
    make_world
    make_certificates
    start_exchange 1
    start_exchange 2
    start_logs
    prepare_nodes
    for node in $nodes; do start_node "$node"; done
    wait_for 300 healthy_or_dead && pair_is_healthy || die "the balancer does not run: $(why_unhealthy)"

    if [ "${LAB_DEMONSTRATION:-yes}" = yes ]; then demonstrate; else await_yes; fi
    trap - EXIT
    say ""
    say "All of this runs on. Try:"
    say "    $lab failover process      the owner's balancer is killed; also: ${kinds#process }"
    say "    $lab kill 1                then  traffic, stats, log, start 1"
    say "    $lab browse                the stats page in your browser"
    say "    sudo ip netns exec ${prefix}client curl --cacert $state/ca.crt --resolve $site:443:$(host 25) https://$site/owa/healthcheck.htm"
    say "    $lab down"
}

# A pair that has just come about says "yes, but" until each node has heard the other's last word. What stays a "but" is the host's, and shown.
await_yes() { is_pair_of_haproxy || wait_for 50 all_say_yes; }

all_say_yes() {
    local node
    for node in $nodes; do cluster_says "$node" "show cluster" | grep -qx "Failover: yes" || return 1; done
}

healthy_or_dead() { start_the_hanging; ! runs lb1 || ! runs lb2 || pair_is_healthy; }

demonstrate() {
    step "Both servers answer: eight clients, one request each"
    traffic 51 58 && [ "$servers_seen" -eq 2 ] || die "not both servers answered"
    step "One client stays with its server"
    stick 60 || die "the client did not stick"
    stick 61 || die "the client did not stick"
    step "A server is killed"
    traffic 51 58 >/dev/null
    local stuck
    stuck=$(client_of exchange2) || die "no client was stuck to exchange2"
    show_death 2 "$stuck" || die "the killed server was not left in time"
    traffic 51 66 || die "requests failed although a server was left"
    step "It comes back"
    start_exchange 2
    wait_for 100 status_is exchange2 UP || die "exchange2 is not taken back"
    say "    exchange2 is used again"
    traffic 67 74 && [ "$servers_seen" -eq 2 ] || die "new clients do not reach it"
    step "The balancer process of the owner is killed while a client opens a new TLS connection every 10 ms"
    failover process || die "the failover could not be shown"
    wait_for 200 pair_is_healthy || die "the killed node did not come back: $(why_unhealthy)"
    step "Traffic log ($state/log.txt)"
    show_log 4 || die "nothing was logged"
    await_yes
    step "The pair, and the statistics: http://$(host 25)/ inside ${prefix}client; in your browser with: $lab browse"
    show_pair
    show_processes
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
    kind=exchangelb
    case ${LAB_BALANCER:-exchangelb} in
        exchangelb)
            build src/ExchangeLb publish "-o artifacts/publish -p:PublishDocumentationFiles=false"
            balancer=$PWD/artifacts/publish/exchangelb
            ;;
        haproxy)
            need_commands haproxy:haproxy keepalived:keepalived
            balancer=$(command -v haproxy)
            kind=haproxy
            if is_ipv6; then die "LAB_IPV6 is of ExchangeLb: the pair of HAProxy and keepalived has IPv4 addresses"; fi
            ;;
        *)
            [ -x "$LAB_BALANCER" ] || die "LAB_BALANCER: $LAB_BALANCER is no program"
            balancer=$(realpath "$LAB_BALANCER")
            ;;
    esac
    if [ $kind = exchangelb ]; then need_commands corosync:corosync nft:nftables; fi
}

# What measures: built like the balancer, unless it is given.
find_client() {
    need_dotnet
    client=${LAB_CLIENT:-$PWD/artifacts/drillclient/ExchangeLb.DrillClient.dll}
    if [ -z "${LAB_CLIENT:-}" ]; then build tests/ExchangeLb.DrillClient build "-o artifacts/drillclient"; fi
    [ -r "$client" ] || die "LAB_CLIENT: there is no $client"
}

# build PROJECT COMMAND OPTIONS   in a build folder of its own: what root builds here does not get in the way of other builds.
build() {
    local log=$PWD/artifacts/lab-build.log
    need_dotnet
    say "building $1 (dotnet $2): a minute where nothing else runs"
    mkdir -p artifacts
    # shellcheck disable=SC2086
    dotnet "$2" "$1" -c Release $3 --artifacts-path artifacts/lab --disable-build-servers -v quiet >"$log" 2>&1 ||
        { tail -n 20 "$log" >&2; die "the build failed: see above"; }
}

give_up() {
    local node
    for node in $nodes; do
        if [ -s "$state/$node.out" ]; then say "-- $node said:"; tail -n 20 "$state/$node.out"; fi
    done
    remove_world
    say "the lab was taken down again"
} >&2

# Not in the foreground: a shell that waits for such a child could not end it when it is told to end.
browse() {
    local port=$1
    [ -z "$(ss -Hltn "sport = :$port" 2>/dev/null)" ] || die "port $port is taken: $lab browse PORT"
    say "http://127.0.0.1:$port/ (Ctrl-C ends it)"
    trap 'end browse TERM; exit 0' INT TERM HUP
    setsid socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "EXEC:ip netns exec ${prefix}client socat STDIO $(say "TCP:$(host 25):80" | sed 's/:/\\:/g')" &
    echo "$! $(started_at $!)" >"$state/browse.pid"
    wait $!
}

readonly node_verbs="status, events, switchover, standby, unstandby, reload"

# ask_verb NODE VERB [ARGUMENT...]
ask_verb() {
    is_pair_of_haproxy && die "this lab's pair is HAProxy and keepalived, which have no verbs"
    [ -n "$1" ] || die "no node runs: $lab heal starts both"
    runs "$1" || die "$1 does not run: $lab heal starts it"
    case ${2:-} in
        status | events | switchover | standby | unstandby | reload) ask_node "$@" ;;
        *) die "which verb? $node_verbs, not '${2:-}'$(did_you_mean "${2:-}" "${node_verbs//[,]/}")" ;;
    esac
}

running_node() {
    local node
    for node in $nodes; do
        if runs "$node"; then say "$node"; return; fi
    done
}

# What stands behind `status` is the node that is asked, or options of the verb.
status_as_asked() {
    local node
    case $1 in
        -*) node=$(running_node) ;;
        *) node=$1; shift ;;
    esac
    ask_verb "$node" status "$@"
}

no_such_node() { die "there is no node $1: lb1 or lb2"; }

which_server() {
    case ${1:-} in
        1 | 2) ;;
        *) die "which server? 1 or 2" ;;
    esac
}

usage() {
    local one
    sed -n '/^#$/q; s/^#   \(sudo \)\?vagrant/\1vagrant/p' <(sed '1,3d' "$0")
    say "KIND, and what happens where lb1 is the owner and lb2 its peer:"
    for one in $kinds; do printf '    %-13s %s\n' "$one" "$(describe "$one" lb1 lb2)"; done
    sed -n '/^# At `up`/,/^[^#]/ s/^# //p' "$0"
}

# did_you_mean WORD CANDIDATES   the nearest of them, when it is near: two letters off at most, two that changed places being one.
did_you_mean() {
    awk -v word="$1" -v candidates="$2" '
        function least(a, b) { return a < b ? a : b }
        function distance(a, b,    i, j, cost, d) {
            for (i = 0; i <= length(a); i++) d[i, 0] = i
            for (j = 0; j <= length(b); j++) d[0, j] = j
            for (i = 1; i <= length(a); i++) for (j = 1; j <= length(b); j++) {
                cost = substr(a, i, 1) != substr(b, j, 1)
                d[i, j] = least(least(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost)
                if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j - 1, 1) && substr(a, i - 1, 1) == substr(b, j, 1)) d[i, j] = least(d[i, j], d[i - 2, j - 2] + 1)
            }
            return d[length(a), length(b)]
        }
        BEGIN {
            best = 3; nearest = ""
            count = split(candidates, names, " ")
            for (n = 1; n <= count; n++) { far = distance(word, names[n]); if (far < best && far < length(word)) { best = far; nearest = names[n] } }
            if (nearest != "") printf "; did you mean %s?", nearest
        }'
}

verbs="up build status events switchover standby unstandby reload lb1 lb2 traffic stick failover load heal kill start stats browse log down"
case ${1:-} in
    up | build | status | events | switchover | standby | unstandby | reload | lb1 | lb2 | traffic | stick | failover | load | heal | kill | start | stats | browse | log | down) ;;
    "" | help | -h | --help) usage; exit 0 ;;
    lb[0-9]*) no_such_node "$1" ;;
    *)
        near=$(did_you_mean "$1" "$verbs")
        die "'$1' is nothing that the lab can do${near:-; $lab alone lists what it can}"
        ;;
esac
if [ "$1" = build ]; then find_balancer; find_client; exit; fi
if [[ "$1 ${2:-}" =~ ^status\ lb ]] && [[ " $nodes " != *" $2 "* ]]; then no_such_node "$2"; fi
is_root || die "network namespaces need root: $lab $*"
case $1 in
    up | down) ;;
    *) [ -r "$state/kind" ] || die "the lab is not up: $lab up" ;;
esac

# What changes the lab has it for itself; the programs that it starts do not keep the lock (see launch).
case $1 in
    up | down | failover | load | heal | kill | start)
        exec 9>"$state.lock"
        flock --nonblock 9 || die "another $0 is at work"
        ;;
esac
if [ "$1" != up ] && [ -r "$state/kind" ]; then balancer=$(cat "$state/balancer") client=$(cat "$state/client"); fi

need_number() { [[ $1 =~ ^[1-9][0-9]{0,6}$ ]] || die "'$1' is no number from 1 up"; }

readonly no_statistics="no statistics: ${net}25 does not answer; $lab heal mends the pair"
case $1 in
    up) up ;;
    status) if [ $# -gt 1 ]; then status_as_asked "${@:2}"; exit; fi
        show_pair; verdict=$?; show_processes; show_states || die "$no_statistics"; exit $verdict ;;
    events | switchover | standby | unstandby | reload) ask_verb "$(running_node)" "$@" ;;
    lb1 | lb2) ask_verb "$@" ;;
    traffic) traffic 51 58 ;;
    stick) stick 60 ;;
    failover) need_dotnet; trap 'end drill; mend; exit 1' INT TERM HUP; shift; failover "$@" ;;
    load) need_dotnet; trap 'end load; exit 1' INT TERM HUP; need_number "${2:-100000}"; load "${2:-100000}" ;;
    heal) mend; wait_for 200 pair_is_healthy || die "the pair is not healthy: $(why_unhealthy)"; say "the pair is healthy, $(owners) owns ${net}25" ;;
    kill) which_server "${2:-}"; end "exchange$2" KILL; say "exchange$2 is killed" ;;
    start) which_server "${2:-}"; runs "exchange$2" && die "exchange$2 runs already"; start_exchange "$2"; say "exchange$2 runs" ;;
    stats) show_states || die "$no_statistics" ;;
    browse) need_number "${2:-8080}"; browse "${2:-8080}" ;;
    log) need_number "${2:-10}"; show_log "${2:-10}" ;;
    down) remove_world && rm -f "$state.lock" && say "everything is stopped and removed" ;;
esac
