#!/usr/bin/env bash
# What it costs to tell the other node where quiet connections stand (hand-over full) beside not telling it (hand-over planned): processor time of
# the owner and of its peer, while 9,800 quiet connections are open and a client opens 100 new TLS connections a second. One pair in network
# namespaces, and the same connections all the time: a reload changes hand-over between the halves of a round, A B B A ….
#
# The web servers do the same work in both halves. By what their time differs the machine was slower or faster: a ratio is divided by theirs.
#
# More of them than half of the descriptors that a process may have, less some hundreds, can't be opened.
#
#   sudo tests/bench/recording.sh [--rounds 6] [--quiet 9800] [--seconds 15] [--stay MS] [--record]
#
# With --stay the new connections stay open for so long after their answer, in place of ending with it: after 50 ms each is told of with its image, and its
# sockets go to the guard.
#
# Exits with 1 when the owner's balancer takes over 3 % more in the median, with 2 when it could not be measured.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
exec </dev/null
. tests/need.sh

readonly command_line="sudo tests/bench/recording.sh${*:+ $*}" most=3
rounds=6 quiet=9800 seconds=15 stay=0 keep=no
export LAB_PREFIX=elb-r$$- LAB_DEMONSTRATION=no LAB_STREAMS=1
readonly prefix=$LAB_PREFIX state=/run/exchangelb-lab.$LAB_PREFIX
unset LAB_HAND_OVER LAB_LEASE LAB_IPV6

while [ $# -gt 0 ]; do
    case $1 in
        --record) keep=yes; shift; continue ;;
        --rounds | --quiet | --seconds | --stay) [[ ${2:-} =~ ^[1-9][0-9]{0,4}$ ]] || die "$1 takes a number from 1 to 99999" ;;
        *) sed -n 's/^#   sudo/sudo/p' "$0" >&2; exit 2 ;;
    esac
    declare "${1#--}=$2"
    shift 2
done
is_root || die "network namespaces need root: $command_line"
need_commands perl:perl-base
ulimit -n 200000 2>/dev/null || ulimit -n "$(ulimit -Hn)"

. vagrant/lab/world.sh
. vagrant/lab/node.sh

results=$PWD/artifacts/recording
mkdir -p "$results"
readonly figures=$results/figures.txt report=$results/report.md
trap 'take_down' EXIT

take_down() { end probe; end quiet; vagrant/lab.sh down >/dev/null 2>&1; }

main() {
    local round mode last=full
    : >"$figures"
    vagrant/lab.sh up >"$results/up.log" 2>&1 || { tail -n 20 "$results/up.log" >&2; give_up "the pair did not come up"; }
    balancer=$(cat "$state/balancer") client=$(cat "$state/client")
    owner=$(owners) peer=$(peer_of "$owner")
    mapfile -t servers < <(ps -o pid= --sid "$(pid_of exchange1),$(pid_of exchange2)" | tr -d ' ')
    open_connections
    turn_to full || give_up "hand-over can't be changed: $(tail -n 1 "$results/reload.out")"
    for round in $(seq "$rounds"); do
        for mode in $(if [ $((round % 2)) -eq 1 ]; then say planned full; else say full planned; fi); do
            [ "$mode" = "$last" ] || turn_to "$mode" || give_up "hand-over can't be changed: $(tail -n 1 "$results/reload.out")"
            last=$mode
            measure "$mode" "$round" | tee -a "$figures"
        done
    done
    write_report >"$report"
    cat "$report"
    if [ $keep = yes ]; then cp "$report" "tests/bench/results/$(date -u +%F-%H%M)-recording.md"; fi
    ! grep -q MISS "$report"
}

give_up() { printf '%s: %s\n' "${0##*/}" "$1" >&2; exit 2; }

open_connections() {
    local log=$results/quiet.log
    launch_client quiet --streams "$quiet" --kind Idle --service "${net}25:9000" --sources "${net}60-${net##*.}69"
    wait_for 1200 says_ready quiet || give_up "the quiet connections could not be opened: $(tail -n 1 "$state/quiet.out")"
    launch_client probe --service "${net}25:443" --sources "${net}110-${net##*.}116" --certificate "$state/mail.crt" --interval 10 --stay "$stay"
    wait_for 400 says_ready probe || give_up "no TLS connection could be opened: $(tail -n 1 "$state/probe.out")"
}

# launch_client NAME OPTION...   a client that runs until it is ended: its standard input stays open.
launch_client() {
    local name=$1
    shift
    launch "$name" client sh -c 'sleep 3600 | exec dotnet "$@"' client "$client" "$@"
}

says_ready() { grep -q '^ready' "$state/$1.out"; }

# turn_to MODE   on both nodes, and waits until the peer holds what it shall hold.
turn_to() {
    sed -i '/^ *hand-over /d' "$state/cluster.cfg"
    printf '    hand-over %s\n' "$1" >>"$state/cluster.cfg"
    ask_node "$owner" reload --all >"$results/reload.out" 2>&1 || return 1
    case $1 in
        full) wait_for 600 holds_all ;;
        planned) wait_for 100 holds_nothing ;;
    esac || return 1
    sleep 10     # all is told, and the guard has been given the sockets: what the change itself costs is over
}

held() { cluster_says "$peer" "show cluster" | sed -n 's/^Recording: \([0-9,]*\) held.*/\1/p' | tr -d ,; }
holds_all() { [ "$(held)" -ge "$quiet" ] 2>/dev/null; }
holds_nothing() { [ "$(held)" = "" ] || [ "$(held)" = 0 ]; }

# measure MODE ROUND   one line: mode, round, then nanoseconds of the owner's balancer, its guard, its Corosync, the peer's balancer and the web servers, connections.
measure() {
    local before after i
    mapfile -t before < <(now)
    sleep "$seconds"
    mapfile -t after < <(now)
    printf '%s %s' "$1" "$2"
    for i in "${!before[@]}"; do printf ' %s' $((after[i] - before[i])); done
    printf '\n'
}

now() {
    spent "$(pid_of "$owner")"
    spent "$(pids_of_kind "$owner" guard)"
    spent "$(pids_of_kind "$owner" corosync)"
    spent "$(pid_of "$peer")"
    spent "${servers[@]}"
    served
}

# spent PID...   processor time of processes, all threads, ended ones too, in nanoseconds: their clocks, as clock_getcpuclockid(3) names them.
spent() {
    # shellcheck disable=SC2016
    perl -e 'for (@ARGV) { $time = pack("qq", 0, 0); syscall(228, (~int($_) << 3) | 2, $time) == 0 or exit 1; ($s, $ns) = unpack("qq", $time); $all += $s * 1e9 + $ns } printf "%d\n", $all' "$@"
}

pids_of_kind() {
    local pid
    for pid in $(node_pids "$1"); do
        if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "$([ "$2" = guard ] && say ' guard ' || say '^[^ ]*corosync ')"; then say "$pid"; return; fi
    done
}

served() { inside client curl -s --noproxy '*' --max-time 5 "http://${net}25/;csv" | awk -F, '$1 == "e2k13" && $2 == "FRONTEND" { print $8 }'; }

write_report() {
    say "# What recording costs, $(date -u +'%F %H:%M') UTC"
    say ""
    say "\`$command_line\`, on $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), Linux $(uname -r), load average $(cut -d" " -f1-3 /proc/loadavg) at the end. Version $(git rev-parse --short HEAD 2>/dev/null || say unknown)."
    say ""
    say "$quiet quiet connections, 100 new TLS connections a second$([ "$stay" = 0 ] || say ", which stay for $stay ms"), $rounds rounds of $seconds s each way. Milliseconds of a processor in a second, medians; the ratio is"
    say "taken inside a round, and divided by that of the web servers, who do the same in both halves: median (lowest - highest)."
    say ""
    say "| process | hand-over planned | hand-over full | full / planned | mark | |"
    say "| --- | --- | --- | --- | --- | --- |"
    awk -v seconds="$seconds" -v most=$most '
        function median(list, n,   i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
            return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }
        { for (i = 3; i <= 8; i++) value[$1, $2, i] = $i; if ($2 > rounds) rounds = $2 }
        END {
            split("the owner'"'"'s balancer,its guard,its Corosync,the peer'"'"'s balancer,all of them,the web servers (not divided)", name, ",")
            for (p = 1; p <= 6; p++) {
                for (r = 1; r <= rounds; r++) {
                    for (m = 0; m < 2; m++) {
                        mode = m ? "full" : "planned"; sum = 0
                        if (p == 5) for (i = 3; i <= 6; i++) sum += value[mode, r, i]; else sum = value[mode, r, p == 6 ? 7 : p + 2]
                        by = p == 6 ? value[mode, r, 8] : value[mode, r, 7]
                        if (m) b[r] = sum / by; else a[r] = sum / by
                        if (m) B[r] = sum / 1e6 / seconds; else A[r] = sum / 1e6 / seconds
                    }
                    q[r] = b[r] / a[r]
                }
                mid = median(q, rounds)
                printf "| %s | %.1f | %.1f | %.3f (%.3f - %.3f) | %s | %s |\n", name[p], median(A, rounds), median(B, rounds), mid, q[1], q[rounds],
                    p == 1 ? "1.0" most : "-", p == 1 ? (mid <= 1 + most / 100 ? "PASS" : "MISS") : ""
            }
        }' "$figures"
}

main
