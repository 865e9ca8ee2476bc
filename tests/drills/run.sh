#!/usr/bin/env bash
# The failover drills: breaks the pair of the lab in every way that the marks name, and writes what clients saw as a table.
#
#   sudo tests/drills/run.sh                          every drill, 20 trials each (about an hour)
#   sudo tests/drills/run.sh --drill process          one drill, also: alone pause all node freeze twice switchover upgrade peer restart
#                                                     cluster-link corosync link carrier partition reload load; several with several --drill
#   sudo tests/drills/run.sh --trials 3               fewer trials
#   sudo tests/drills/run.sh --lease 60ms             with another lease; 'default' is the configured one
#   sudo tests/drills/run.sh --ipv6                   client, nodes, servers and the virtual IP have IPv6 addresses only (all but load)
#   sudo tests/drills/run.sh --balancer haproxy [--advert 10ms]     the same clients before HAProxy and keepalived (1s, 100ms, 10ms)
#   sudo tests/drills/run.sh --record                 keeps the report in tests/drills/results
#
# Its lab stands beside that of vagrant/lab.sh. Exits with 1 when a mark was missed.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
exec </dev/null
. tests/need.sh

readonly with=${LAB_STREAMS:+LAB_STREAMS=$LAB_STREAMS }${LAB_STREAM_KIND:+LAB_STREAM_KIND=$LAB_STREAM_KIND }
readonly command_line="sudo ${with}tests/drills/run.sh${*:+ $*}"
readonly every_lease="process alone pause all node freeze twice switchover upgrade peer restart cluster-link corosync link carrier partition reload load" fast_lease="all node"
drills=() trials=20 leases=() balancer=exchangelb advert=1s keep=no
export LAB_PREFIX=elb-d$$- LAB_DEMONSTRATION=no
readonly lab_state=/run/exchangelb-lab.$LAB_PREFIX

while [ $# -gt 0 ]; do
    case $1 in
        --record) keep=yes; shift; continue ;;
        --ipv6) export LAB_IPV6=yes; shift; continue ;;
        --drill | --trials | --lease | --balancer | --advert) [ $# -ge 2 ] || die "$1 of what?" ;;
        *) sed -n 's/^#   sudo/sudo/p' "$0" >&2; exit 2 ;;
    esac
    case $1 in
        --drill) drills+=("$2") ;;
        --trials) trials=$2 ;;
        --lease) leases+=("$2") ;;
        --balancer) balancer=$2 ;;
        --advert) advert=$2 ;;
    esac
    shift 2
done
is_root || die "network namespaces need root: sudo tests/drills/run.sh"
[ "$balancer" = haproxy ] && leases=(default)
[ ${#leases[@]} -gt 0 ] || leases=(default 60ms)

results=$PWD/artifacts/drills
mkdir -p "$results"
rm -rf "$results/load.txt" "$results/words"
export LAB_WORDS=$results/words        # of each trial, until the next run
readonly record=$results/record.jsonl report=$results/report.md
: >"$record"
trap 'vagrant/lab.sh down >/dev/null 2>&1' EXIT

main() {
    local lease drill started=$SECONDS
    for lease in "${leases[@]}"; do
        unset LAB_LEASE LAB_TABLE
        [ "$lease" = default ] || export LAB_LEASE=$lease
        lab_up
        for drill in $(drills_of "$lease"); do
            [ "$drill" = load ] || vagrant/lab.sh failover "$drill" --trials "$trials" --record "$record"
        done
        if [[ " $(drills_of "$lease") " == *" load "* ]] && [ "$balancer" != haproxy ] && [ -z "${LAB_IPV6:-}" ]; then load_drill; fi
        vagrant/lab.sh down >/dev/null
    done
    write_report "$((SECONDS - started))" >"$report"
    local status=$?
    cat "$report"
    if [ $keep = yes ]; then
        local kept
        kept=tests/drills/results/$(date -u +%F-%H%M)$([ "$balancer" = haproxy ] && say "-keepalived-$advert")${LAB_IPV6:+-ipv6}.md
        cp "$report" "$kept"
        say "kept as $kept"
    fi
    return $status
}

drills_of() {
    if [ ${#drills[@]} -gt 0 ]; then say "${drills[*]}"; elif [ "$1" = default ]; then say "$every_lease"; else say "$fast_lease"; fi
}

lab_up() {
    if [ "$balancer" = haproxy ]; then export LAB_BALANCER=haproxy LAB_ADVERT=$advert; fi
    vagrant/lab.sh up >"$results/up.log" 2>&1 || { tail -n 30 "$results/up.log" >&2; die "the lab did not come up"; }
    cp "$lab_state/client" "$results/client"
    "$(cat "$lab_state/balancer")" -v | head -n 1 >"$results/version"
}

# A lab of its own, since the figure counts from the start of the node: a table of 100,000 entries, both cores busy, the peer is stopped, started and
# taught, the statistics are asked for all the time; how long was the longest gap between two renewals?
load_drill() {
    vagrant/lab.sh down >/dev/null
    LAB_TABLE=200k lab_up
    vagrant/lab.sh load 100000 | tee "$results/load.txt"
}

write_report() {
    local status
    say "# Failover drills, $(date -u +'%F %H:%M') UTC"
    say ""
    say "\`$command_line\`, $1 s, on $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), Linux $(uname -r), load average $(cut -d" " -f1-3 /proc/loadavg) at the end."
    say "Versions: $(versions). A row again: \`sudo ${with}tests/drills/run.sh --trials $trials --drill NAME\` (and \`--lease\`, \`--balancer\`)."
    say ""
    say "Outage: the longest time in which no new TLS connection was completed, one being opened every 10 ms; without a fault the same probe shows"
    say "11-30 ms, up to 60 on busy cores. \"a / b\": median and worst. Established: three connections that talk and three quiet ones in each trial. Two"
    say "owners: trials in which a sniffer on the service network saw two nodes speak for the address."
    say ""
    dotnet "$(cat "$results/client")" --report "$record"
    status=$?
    if [ -s "$results/load.txt" ]; then
        say ""
        cat "$results/load.txt"
        grep -q MISS "$results/load.txt" && status=1
    fi
    return $status
}

versions() {
    if [ "$balancer" = haproxy ]; then
        say "$(cat "$results/version"), $(keepalived --version 2>&1 | head -n 1)"
    else
        say "$(cat "$results/version"), $(corosync -v | head -n 1), $(git rev-parse --short HEAD 2>/dev/null || say 'no commit')"
    fi
}

main
