# shellcheck shell=bash
# What `failover` can do to the pair, one function a kind: it is given the owner and its peer, tells the client its moments, and waits until
# enough was seen. What it broke is mended afterwards by mend. Sourced by lab.sh.

readonly kinds="process alone pause all node freeze link carrier partition switchover reload peer restart cluster-link corosync twice upgrade"

describe() {
    case $1 in
        process) say "the balancer process of $2 is killed (-9)" ;;
        alone) say "the balancer process of $2, whose peer $3 is stopped, is killed (-9) and started again" ;;
        pause) say "all processes of $2, whose peer $3 is stopped, stand still for a second; then the peer comes back" ;;
        all) say "everything of ours on $2 is killed (-9)" ;;
        node) say "$2 is dead: both of its networks are gone, then its processes" ;;
        freeze) say "all processes of $2 are stopped for five seconds" ;;
        link) say "$2's service network is cut, its carrier stays" ;;
        carrier) say "$2's service network is cut, with its carrier" ;;
        partition) say "$2 is cut off from both networks, and comes back after two seconds" ;;
        switchover) say "planned switchover from $2 to $3" ;;
        reload) say "both nodes reload their configuration" ;;
        peer) say "everything of ours on $3, the peer of the owner $2, is killed (-9)" ;;
        restart) say "$3, the peer of the owner $2, is stopped and started" ;;
        cluster-link) say "the cluster network alone is cut between $2 and $3" ;;
        twice) say "$2 is dead, comes back after three seconds, and two later its successor $3 is dead" ;;
        upgrade) say "both nodes are stopped and started, the peer $3 of the owner first" ;;
        corosync) say "Corosync of $3, the peer of the owner $2, is killed (-9)" ;;
    esac
}

# How long a client looks after the fault, in seconds: the takeover, and a second more for what TCP repeats.
patience() {
    if ! is_pair_of_haproxy; then say "${LAB_PATIENCE:-2.5}"; return; fi
    case ${LAB_ADVERT:-1s} in
        1s) say "${LAB_PATIENCE:-6}" ;;
        *) say "${LAB_PATIENCE:-2.5}" ;;
    esac
}

moment() {
    printf 'mark %s %s\n' "$1" "$EPOCHREALTIME" >&7
    [ -z "${LAB_STREAMS:-}" ] || printf 'mark %s %s\n' "$1" "$EPOCHREALTIME" >&8
}
net_is() { printf '%s\n' "$@" | ip -n "${prefix}net" -batch -; }

# sever PORT...   nothing passes there any more, at one moment for all: taking ports off their bridges lasts 5 to 30 ms each, in which the last network carries on.
sever() {
    local ports
    ports=$(printf '"%s", ' "$@")
    ip netns exec "${prefix}net" nft -f - <<END
        table bridge severed {
            chain from { type filter hook prerouting priority 0; iifname { ${ports%, } } drop; }
            chain to { type filter hook postrouting priority 0; oifname { ${ports%, } } drop; }
        }
END
    net_is "${@/#/link set nomaster dev }"
}
heal() {
    net_is "link set lb1 master service up" "link set lb2 master service up" "link set lb1c master cluster up" "link set lb2c master cluster up"
    ip netns exec "${prefix}net" nft -f - <<<'table bridge severed; delete table bridge severed'
}

# shellcheck disable=SC2086,SC2154
break_process() {
    local pids
    pids=$(balancer_pids "$1")
    moment fault
    kill -KILL $pids
    sleep "$(patience)"
    forget_shared_memory $pids
}

# Nobody else can go on with its connections: the next process does.
# shellcheck disable=SC2086
break_alone() {
    local pids
    stop_node "$2"
    sleep 1 # what was told to the peer alone is told to the guard by now
    pids=$(balancer_pids "$1")
    moment fault
    kill -KILL $pids
    wait_for 50 not runs "$1"
    start_node "$1"
    wait_for 150 has_one_owner # a lone node serves two seconds after its start, on a quiet machine
    sleep "$(patience)"
    forget_shared_memory $pids
}

# As a host does whose virtual machine is copied, or moved.
# shellcheck disable=SC2086
break_pause() {
    local pids
    stop_node "$2"
    pids=$(node_pids "$1")
    moment fault
    kill -STOP $pids
    sleep 1
    kill -CONT $pids
    sleep "$(patience)"
    start_node "$2"
    wait_for 200 pair_is_healthy || { say "    $2 does not come back: $(why_unhealthy)"; return 1; }
    sleep "$(patience)"
}

# shellcheck disable=SC2086
break_all() {
    local pids
    pids=$(node_pids "$1" | sort -rn)   # who watches dies before who is watched, and releases nothing
    moment fault
    kill -KILL $pids
    sleep "$(patience)"
    forget_shared_memory $pids
}

# shellcheck disable=SC2086
break_node() {
    local pids
    pids=$(node_pids "$1" | sort -rn)   # who watches dies before who is watched, and releases nothing
    moment fault
    sever "$1" "$1c"
    kill -KILL $pids
    sleep "$(patience)"
    forget_shared_memory $pids
}

# shellcheck disable=SC2086
break_twice() {
    local pids
    break_node "$1"
    mend
    wait_for 200 pair_is_healthy || { say "    $1 does not come back: $(why_unhealthy)"; return 1; }
    sleep 2
    pids=$(node_pids "$2" | sort -rn)
    moment again
    sever "$2" "$2c"
    kill -KILL $pids
    sleep "$(patience)"
    forget_shared_memory $pids
}

break_upgrade() {
    local node
    moment fault
    for node in $2 $1; do
        stop_node "$node"
        start_node "$node"
        wait_for 200 pair_is_healthy || { say "    $node does not come back: $(why_unhealthy)"; return 1; }
    done
    sleep "$(patience)"
}

# shellcheck disable=SC2086
break_freeze() {
    local pids
    pids=$(node_pids "$1")
    moment fault
    kill -STOP $pids
    sleep 5
    moment woken
    kill -CONT $pids
    sleep "$(patience)"
}

break_link() { for_a_while sever "$1"; }
break_carrier() { for_a_while net_is "link set $1 down"; }
break_cluster-link() { for_a_while sever "$1c"; }
break_partition() { for_a_while sever "$1" "$1c"; }

# for_a_while COMMAND...
for_a_while() {
    moment fault
    "$@"
    sleep "$(patience)"
    moment healed
    heal
    sleep "$(patience)"
}

break_switchover() {
    moment fault
    if is_pair_of_haproxy; then
        kill -TERM "$(pid_of "$1-keepalived")"
    else
        cluster_says "$1" "cluster switchover node $2" >"$state/order.out"
        [ "$(owners)" = "$2" ] || say "    switchover: $(head -n 1 "$state/order.out")"
    fi
    sleep "$(patience)"
}

break_reload() {
    local node minutes=6
    if grep -q 'timeout client 6m' "$state/haproxy.cfg"; then minutes=5; fi
    sed -i "s/timeout client [56]m/timeout client ${minutes}m/" "$state/haproxy.cfg"
    moment fault
    for node in $nodes; do
        if is_pair_of_haproxy; then
            kill -USR2 "$(pid_of "$node")"
            kill -HUP "$(pid_of "$node-keepalived")"
        else
            cluster_says "$node" "cluster reload" >"$state/order.out"
        fi
        sleep 1
    done
    sleep "$(patience)"
}

break_peer() { break_all "$2"; }

break_restart() {
    moment fault
    stop_node "$2"
    moment stopped
    start_node "$2"
    sleep "$(patience)"
}

# shellcheck disable=SC2086
break_corosync() {
    local pids
    if is_pair_of_haproxy; then pids=$(pids_named "$2" keepalived); else pids=$(pids_named "$2" corosync); fi
    [ -n "$pids" ] || { say "    $2 runs no such process"; return 1; }
    moment fault
    kill -KILL $pids
    sleep "$(patience)"
    forget_shared_memory $pids
}

# Puts all back as it was. A node that is still whole is left alone.
mend() {
    local node
    heal
    for node in $nodes; do
        # shellcheck disable=SC2046
        kill -CONT $(node_pids "$node") 2>/dev/null
    done
    for node in $nodes; do
        if node_is_whole "$node"; then continue; fi
        # A guard that is left takes the new balancer; HAProxy and keepalived start anew.
        if is_pair_of_haproxy; then stop_node "$node"; fi
        start_node "$node"
    done
    ip -n "${prefix}client" neigh flush all 2>/dev/null   # what one trial left behind in a cache does not spoil the next
    return 0
}

# Its own command runs; with HAProxy, keepalived too. What that has to start again by itself (guard, Corosync) is its own affair.
node_is_whole() {
    runs "$1" && { ! is_pair_of_haproxy || runs "$1-keepalived"; }
}
