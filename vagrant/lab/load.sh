# shellcheck shell=bash
# load [ENTRIES]: a full stick table, both cores busy, garbage to collect, a peer that is stopped, started and taught everything: how long was the
# longest gap between two renewals of the owner's lease? Over a third of the lease would be near a lapse. Sourced by lab.sh.

readonly crowd=10.128.0   # a /14 behind the client's first address: one client address for each entry

load() {
    local entries=$1 owner peer gap lease gap_before seconds status=0
    if is_pair_of_haproxy; then die "keepalived has no lease to renew"; fi
    if is_ipv6; then die "the crowd of load has IPv4 addresses: up without LAB_IPV6"; fi
    wait_for 200 pair_is_healthy || die "the pair is not healthy: $(why_unhealthy)"
    owner=$(owners) peer=$(peer_of "$(owners)")
    gap_before=$(number_of "$owner" longestRenewalGapMs)
    make_crowd
    say "filling the stick table with $entries clients"
    timeout 300 ip netns exec "${prefix}client" dotnet "$client" --service ${net}25:443 --sources $crowd.1 --fill "$entries"
    entries=$(entries_at "$owner" "$owner")
    [ "$entries" -ge $(($1 * 9 / 10)) ] || { say "    the table has $entries entries only"; status=1; }

    entries=$(entries_at "$owner" "$owner")   # a few may not have been served
    say "both cores busy; $peer is stopped, started and taught"
    start_saturation 60
    stop_node "$peer"
    seconds=$SECONDS
    start_node "$peer"
    wait_for 400 has_learnt "$peer" "$entries" || { say "    $peer has $(entries_at "$peer" "$peer") of $entries entries after 40 s"; status=1; }
    seconds=$((SECONDS - seconds))
    end load

    gap=$(number_of "$owner" longestRenewalGapMs) lease=$(number_of "$owner" leaseMs)
    [ "$(owners)" = "$owner" ] || { say "    the owner is $(owners), not $owner any more"; status=1; }
    awk -v gap="$gap" -v before="$gap_before" -v lease="$lease" -v peer="$peer" -v entries="$(entries_at "$peer" "$peer")" -v seconds="$seconds" -v status=$status 'BEGIN {
        miss = gap == "" || gap >= lease / 3 || status
        printf "Load: %s was taught %d entries, %d s after its start, both cores busy; longest gap between renewals %.1f ms (%.1f before), a third of the lease is %.1f ms: %s\n",
            peer, entries, seconds, gap, before, lease / 3, miss ? "MISS" : "PASS"
        exit miss }'
}

make_crowd() {
    local node
    ip -n "${prefix}client" route replace local $crowd.0/14 dev lo
    for node in $nodes; do ip -n "$prefix$node" route replace $crowd.0/14 via ${net}51 dev eth0; done
}

# Two spinning shells a core, and a reader of the statistics, whose pages are garbage; for so many seconds at most.
start_saturation() {
    # shellcheck disable=SC2016
    launch load client timeout "$1" bash -c 'for _ in $(seq $(($(nproc) * 2))); do while :; do :; done & done
        while :; do curl --silent --noproxy "*" --max-time 2 "$1" >/dev/null; sleep 0.02; done' load "http://${net}25/;csv"
}

has_learnt() { [ "$(entries_at "$1" "$1")" -ge "$2" ]; }

# number_of NODE FIELD   of `exchangelb status --json`, the first one of this name.
number_of() { ask_node "$1" status --json 2>/dev/null | grep -o "\"$2\": *[0-9.]*" | head -n 1 | sed 's/.*: *//'; }

# entries_at NODE OF   the stick entries of a node, as another one tells; nodes are told in the order of cluster.cfg.
entries_at() {
    local count
    count=$(ask_node "$1" status --json 2>/dev/null | grep -o '"stickEntries": *[0-9]*' | sed 's/.*: *//' | sed -n "${2#lb}p")
    say "${count:-0}"
}
