# shellcheck shell=bash
# failover: a client opens a new TLS connection every 10 ms and watches the wire, something is broken, the client says what it saw, and the pair is
# mended. Sourced by lab.sh.

# failover KIND [--trials N] [--record FILE]
failover() {
    local kind=${1:-} trials=1 record=/dev/null trial attempt failed=0
    [[ " $kinds " == *" $kind "* ]] || die "failover of what? ${kinds// /, }"
    shift
    while [ $# -gt 0 ]; do
        case $1 in
            --trials) trials=${2:-}; [[ $trials =~ ^[1-9][0-9]{0,5}$ ]] || die "--trials takes a number from 1 to 999999, not '$trials'" ;;
            --record) record=${2:-}; [ -n "$record" ] && { : >>"$record"; } 2>/dev/null || die "--record takes a file that can be written, not '$record'" ;;
            *) die "failover knows no '$1'" ;;
        esac
        shift 2
    done
    for trial in $(seq "$trials"); do
        attempt=1
        until run_trial "$kind" "$trial" "$record"; do
            # Only where the service was not seen healthy, before anything was broken, since whoever takes part waited for a processor most of the time.
            if [ $attempt -ge 3 ] || ! grep -q 'too busy to tell' "$state/drill.err" 2>/dev/null; then
                failed=$((failed + 1))
                say "    trial $trial could not be measured"
                break
            fi
            attempt=$((attempt + 1))
            say "    trial $trial once more"
        done
    done
    [ $failed -eq 0 ]
}

run_trial() {
    local kind=$1 trial=$2 record=$3 owner peer status=0
    rm -f "$state/drill.err"
    mend
    wait_for 400 pair_is_healthy || { say "    the pair is not healthy: $(why_unhealthy)"; return 1; }
    start_client || return 1
    owner=$(owners | head -n 1)
    peer=$(peer_of "$owner")
    say "$kind, trial $trial: $(describe "$kind" "$owner" "$peer")"
    if start_streams; then
        "break_$kind" "$owner" "$peer" || status=1
        stop_streams || status=1
    else
        status=1
    fi
    stop_client || status=1
    keep_words "$kind-$trial"
    mend
    [ $status -eq 0 ] || { cat "$state/drill.out"; return 1; }
    say "    $(tail -n 1 "$state/drill.err")"
    [ ! -s "$state/streams.err" ] || say "    $(tail -n 1 "$state/streams.err")"
    printf '{"Drill":"%s","Number":%d,"Balancer":"%s","Owner":"%s","Seen":%s%s}\n' "$kind" "$trial" "$(describe_balancer)" "$owner" "$(tail -n 1 "$state/drill.out")" \
        "$([ ! -s "$state/streams.out" ] || printf ',"Streams":%s' "$(tail -n 1 "$state/streams.out")")" >>"$record"
}

# What nodes and clients wrote until the end of a trial, in LAB_WORDS, if that names a folder: for whoever asks why one went wrong.
keep_words() {
    [ -n "${LAB_WORDS:-}" ] || return 0
    local folder=$LAB_WORDS/$1 node name
    rm -rf "$folder"
    mkdir -p "$folder"
    for node in $nodes; do
        cp "$state/$node.out" "$folder/" 2>/dev/null
        for name in events guard.log; do cp "$state/$node/$name" "$folder/$node.$name" 2>/dev/null; done
    done
    cp "$state/drill.out" "$state/drill.err" "$state/streams.out" "$state/streams.err" "$folder/" 2>/dev/null
    return 0
}

describe_balancer() {
    if is_pair_of_haproxy; then say "keepalived ${LAB_ADVERT:-1s}"; else say "ExchangeLb$(is_ipv6 && say " IPv6")${LAB_LEASE:+ lease $LAB_LEASE}"; fi
}

why_unhealthy() {
    local node
    if ! has_one_owner; then say "owners: $(owners | tr '\n' ' ')"; fi
    for node in $nodes; do
        if node_is_healthy "$node"; then continue; fi
        say "$node: $(if is_pair_of_haproxy; then tail -n 1 "$state/$node.out"; else cluster_says "$node" "show cluster" | grep -E "^(Failover|Reason):"; runs "$node" || { say "it does not run:"; tail -n 2 "$state/$node.out"; }; complaint_of "$node"; fi)"
    done | tr '\n' ' '
}

# Seven addresses that the last nineteen trials did not use: an old connection that a cut-off node kept would meet a new one of the same numbers.
next_sources() {
    local number first
    number=$(cat "$state/trials" 2>/dev/null || say 0)
    say $((number + 1)) >"$state/trials"
    first=$((110 + number % 20 * 7))
    sources "$first" $((first + 6))
}

start_client() {
    rm -f "$state/drill.fifo" "$state/drill.out" "$state/drill.err"
    mkfifo "$state/drill.fifo"
    launch_client "$state/drill.fifo"
    exec 7>"$state/drill.fifo"
    wait_for 700 client_is_ready_or_gone
    grep -q '^ready' "$state/drill.out" || { say "    no healthy service: $(tail -n 1 "$state/drill.err")"; exec 7>&-; end drill; return 1; }
    sleep 0.3 # what is quiet is so for longer than the 200 ms that it needs to outlive a crash
}

launch_client() {
    local node macs="" pid
    for node in $nodes; do macs+=,$node=$(inside "$node" cat /sys/class/net/eth0/address); done
    setsid nice -n -10 ip netns exec "${prefix}client" dotnet "$client" --service "$(host 25):443" --sources "$(next_sources)" --certificate "$state/mail.crt" \
        --chatting 3 --quiet 3 --namespace "${prefix}net" --bridge service --nodes "${macs#,}" --log "$state/drill.csv" \
        --processes "$state/" --ready-within 60 \
        <"$1" >"$state/drill.out" 2>"$state/drill.err" 9>&- &
    pid=$!
    disown $pid # the shell has no word for its end
    echo "$pid $(started_at $pid)" >"$state/drill.pid"
}

# LAB_STREAMS connections of all kinds, whose bytes are checked, from addresses of their own.
start_streams() {
    [ -n "${LAB_STREAMS:-}" ] || return 0
    local pid
    rm -f "$state/streams.fifo" "$state/streams.out" "$state/streams.err"
    mkfifo "$state/streams.fifo"
    setsid nice -n -10 ip netns exec "${prefix}client" dotnet "$client" --streams "$LAB_STREAMS" ${LAB_STREAM_KIND:+--kind "$LAB_STREAM_KIND"} \
        --service "$(host 25):9000" --sources "$(sources 60 69)" --log "$state/streams.csv" \
        <"$state/streams.fifo" >"$state/streams.out" 2>"$state/streams.err" 9>&- &
    pid=$!
    disown $pid
    echo "$pid $(started_at $pid)" >"$state/streams.pid"
    exec 8>"$state/streams.fifo"
    wait_for 200 streams_are_open_or_gone
    grep -q '^ready' "$state/streams.out" || { say "    no streams: $(tail -n 1 "$state/streams.err")"; exec 8>&-; end streams; return 1; }
    sleep 1 # the quiet ones become quiet
}

streams_are_open_or_gone() { grep -q '^ready' "$state/streams.out" || not runs streams; }

stop_streams() {
    [ -n "${LAB_STREAMS:-}" ] || return 0
    say end >&8 2>/dev/null
    exec 8>&-
    wait_for 200 not runs streams || { end streams; return 1; }
    rm -f "$state/streams.pid"
    grep -q '^{' "$state/streams.out"
}

client_is_ready_or_gone() { grep -q '^ready' "$state/drill.out" || not runs drill; }

stop_client() {
    say end >&7 2>/dev/null
    exec 7>&-
    wait_for 150 not runs drill || { end drill; return 1; }
    rm -f "$state/drill.pid"
    grep -q '^{' "$state/drill.out"
}
