#!/usr/bin/env bash
# Makes the README's pictures anew from the lab: failover.svg and alive.svg, drills of the pair and of HAProxy with keepalived side by side, and stats.png.
#
#   sudo vagrant/pictures/make.sh [failover|alive|stats]      without a word: all
#
# In a lab of its own, removed at the end.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. tests/need.sh

readonly drill=node pictures=vagrant/pictures port=18025
export LAB_PREFIX=elbpic- LAB_DEMONSTRATION=no
readonly state=/run/exchangelb-lab.elbpic-
work=$(mktemp -d)
trap 'lab down >/dev/null 2>&1; rm -rf "$work"' EXIT

main() {
    is_root || die "the lab needs root: sudo vagrant/pictures/make.sh"
    case ${1:-all} in
        all) drill_one exchangelb; screenshot; lab down; drill_one haproxy; plot; lab down; alive ;;
        failover) drill_one exchangelb; lab down; drill_one haproxy; plot ;;
        alive) alive ;;
        stats) LAB_BALANCER=exchangelb lab up || die "the lab did not come up"; screenshot ;;
        *) die "failover, alive, stats, or nothing for all" ;;
    esac
}

lab() { vagrant/lab.sh "$@"; }

# drill_one BALANCER   leaves what the client wrote in $work, and the lab up.
drill_one() {
    LAB_BALANCER=$1 lab up >"$work/up" || { tail -n 5 "$work/up" >&2; die "the lab did not come up"; }
    LAB_BALANCER=$1 lab failover $drill --record "$work/$1.json" || die "the failover could not be measured"
    cp "$state/drill.csv" "$work/$1.csv"
}

# figure BALANCER NAME   of the record.
figure() { grep -o "\"$2\":[0-9.]*" "$work/$1.json" | head -n 1 | cut -d: -f2; }

plot() {
    local ours theirs
    ours=$(figure exchangelb OutageMs) theirs=$(figure haproxy OutageMs)
    awk -f $pictures/plot.awk \
        TITLE="ExchangeLb, lease 400 ms: ${ours%.*} ms without an answer" FAULT="$(figure exchangelb AtMs)" OUTAGE="$ours" "$work/exchangelb.csv" \
        TITLE="HAProxy 2.6 and keepalived, advert_int 1 s (the default): ${theirs%.*} ms" FAULT="$(figure haproxy AtMs)" OUTAGE="$theirs" "$work/haproxy.csv" \
        >$pictures/failover.svg
    say "$pictures/failover.svg: ${ours%.*} and ${theirs%.*} ms"
}

alive() {
    local balancer
    for balancer in exchangelb haproxy; do
        LAB_STREAMS=198 LAB_PATIENCE=6 drill_one $balancer
        cp "$state/streams.csv" "$work/$balancer-streams.csv"
        lab down
    done
    awk -f $pictures/alive.awk TITLE="ExchangeLb: $(lived exchangelb)" "$work/exchangelb-streams.csv" \
        TITLE="HAProxy 2.6 and keepalived, advert_int 1 s (the default): $(lived haproxy)" "$work/haproxy-streams.csv" >$pictures/alive.svg
    say "$pictures/alive.svg: $(lived exchangelb); $(lived haproxy)"
}

lived() { awk -F, 'NR > 1 { all++; quiet += $1 == "Idle"; lived += $2 == "Lived"; slept += $1 == "Idle" && $2 == "Lived" } END { printf "%d of %d connections go on, of the quiet ones %d of %d", lived, all, slept, quiet }' "$work/$1-streams.csv"; }

screenshot() {
    need_commands chromium:chromium
    local browse
    lab traffic >/dev/null
    lab stick >/dev/null
    lab browse $port >"$work/browse" 2>&1 &
    browse=$!
    curl --silent --retry 20 --retry-connrefused --retry-delay 1 --noproxy '*' -o "$work/page" http://127.0.0.1:$port/ || die "the stats page can't be reached: $(cat "$work/browse")"
    timeout 60 chromium --headless --no-sandbox --disable-gpu --no-proxy-server --user-data-dir="$work/chromium" --hide-scrollbars --window-size=1440,1000 \
        --screenshot="$work/stats.png" http://127.0.0.1:$port/ >"$work/chromium.log" 2>&1
    kill $browse
    [ -s "$work/stats.png" ] || die "no screenshot was made: $(tail -n 1 "$work/chromium.log")"
    mv "$work/stats.png" $pictures/stats.png
    say "$pictures/stats.png"
}

main "$@"
