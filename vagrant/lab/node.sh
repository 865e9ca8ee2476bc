# shellcheck shell=bash
# A node of the pair: started, asked, killed. ExchangeLb is one command that starts Corosync and its guard by itself; to compare with, HAProxy and
# keepalived of the distribution, with stick tables by peers. Sourced by lab.sh.

# Every process of a node carries its mark in the environment, so that what has detached itself is found too.
readonly mark=EXCHANGELB_LAB_NODE

prepare_nodes() {
    local node
    sed "s/size 20k/size ${LAB_TABLE:-20k}/" "$configuration" | in_lab_family >"$state/haproxy.cfg"
    for node in $nodes; do
        mkdir -p "$state/$node"
        chmod 700 "$state/$node"
    done
    : >"$state/streams.cfg"
    if [ -n "${LAB_STREAMS:-}" ]; then write_streams >"$state/streams.cfg"; fi
    if is_pair_of_haproxy; then prepare_haproxy; else prepare_exchangelb; fi
}

# The article's addresses, or those of the lab's IPv6 in their place.
in_lab_family() {
    if is_ipv6; then
        sed -E "s/192\.168\.200\.([0-9]+):/[$net\1]:/; s/192\.168\.200\./$net/g; s/10\.0\.0\./$cluster_net/g; s|^( *vip .*)/24|\1/64|; s/type ip /type ipv6 /"
    else
        cat
    fi
}

# Ports of their own for connections that are watched through a failover: the client speaks first, the server greets, TLS.
write_streams() {
    local port
    for port in 9000 9001 9002; do
        cat <<END
listen streams-$port
    bind $(host 25):$port
    mode tcp
    balance roundrobin
    timeout connect 10s
    timeout client 5m
    timeout server 5m
    server exchange1 $(host 103):$port check
    server exchange2 $(host 104):$port check
END
    done
}

# The article's file has 'log global' but no global section, so by itself it logs nothing: a first -f adds what the lab wants.
prepare_exchangelb() {
    printf 'global\n    log 127.0.0.1:514 local0\n' >"$state/global.cfg"
    (umask 077 && head -c 128 /dev/urandom >"$state/cluster.key")
    sed "s|^\( *key-file\) .*|\1 $state/cluster.key|" cluster-config/cluster.cfg | in_lab_family >"$state/cluster.cfg"
    printf '%s' "${LAB_USER:-}" >"$state/user"
    [ -z "${LAB_LEASE:-}" ] || printf '    lease %s\n' "$LAB_LEASE" >>"$state/cluster.cfg"
    [ -z "${LAB_HAND_OVER:-}" ] || printf '    hand-over %s\n' "$LAB_HAND_OVER" >>"$state/cluster.cfg"
}

# With LAB_USER the balancer and its guard are an ordinary user's, with three capabilities; Corosync is root's, as a package has it.
start_as_user() {
    local node=$1 user=$2 corosync=$state/$1-corosync three=-all,+net_admin,+net_raw,+net_bind_service
    chown "$user" "$state/$node"
    if [ ! -e "$state/program" ]; then cp -r "$(dirname "$balancer")" "$state/program"; fi # a build may lie in root's home
    if ! runs "$node-corosync"; then
        inside "$node" "$balancer" cluster-setup -f "$state/haproxy.cfg" --cluster "$state/cluster.cfg" --node "$node" --corosync "$corosync" \
            --user "$user" --refresh || return 1
        launch "$node-corosync" "$node" env "$mark=$prefix$node" sh -c "touch /run/corosync.pid &&
            mount --bind $corosync/corosync.lock /run/corosync.pid && exec corosync -f -c $corosync/corosync.conf"
    fi
    launch "$node" "$node" env "$mark=$prefix$node" setpriv --reuid "$user" --regid nogroup --clear-groups --no-new-privs \
        --inh-caps "$three" --ambient-caps "$three" --bounding-set "$three" \
        "$state/program/$(basename "$balancer")" -f "$state/global.cfg" -f "$state/haproxy.cfg" -f "$state/streams.cfg" --cluster "$state/cluster.cfg" --node "$node" --state "$state/$node"
}

prepare_haproxy() {
    local node number peer advert=${LAB_ADVERT:-1s} seconds
    case $advert in
        1s) seconds=1 ;;
        100ms) seconds=0.1 ;;
        10ms) seconds=0.01 ;;
        *) die "LAB_ADVERT is 1s, 100ms or 10ms, not $advert" ;;
    esac
    sed -i 's/\(stick-table .*\)/\1 peers pair/' "$state/haproxy.cfg"
    printf 'peers pair\n    peer lb1 %s:1024\n    peer lb2 %s:1024\n' ${cluster_net}21 ${cluster_net}22 >>"$state/haproxy.cfg"
    for node in $nodes; do
        number=${node#lb} peer=$((3 - ${node#lb}))
        inside "$node" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind'
        cat >"$state/$node/global.cfg" <<END
global
    localpeer $node
    log 127.0.0.1:514 local0
    stats socket $state/$node/stats.sock mode 600 level admin
END
        cat >"$state/$node/keepalived.conf" <<END
global_defs {
    router_id $node
    enable_script_security
    script_user root
    vrrp_version 3
    vrrp_rt_priority 50
    vrrp_rlimit_rttime 2000000
    max_auto_priority 99
}
vrrp_script haproxy_runs {
    script "/bin/sh -c 'kill -0 \$(cat $state/$node/haproxy.pid)'"
    interval 1
    fall 1
    rise 1
}
vrrp_instance pair {
    state BACKUP
    interface eth0
    virtual_router_id 25
    priority $((120 - number * 10))
    advert_int $seconds
    nopreempt
    unicast_src_ip ${net}2$number
    unicast_peer {
        ${net}2$peer
    }
    virtual_ipaddress {
        ${net}25/24 dev eth0
    }
    track_script {
        haproxy_runs
    }
}
END
        chmod 600 "$state/$node/keepalived.conf"
    done
}

is_pair_of_haproxy() { [ "$(cat "$state/kind")" = haproxy ]; }

start_node() {
    local node=$1
    hangs_of "$node" >"$state/$node.hangs"
    if is_pair_of_haproxy; then
        launch "$node" "$node" env "$mark=$prefix$node" "$balancer" -W -db -f "$state/$node/global.cfg" -f "$state/haproxy.cfg" -f "$state/streams.cfg" -p "$state/$node/haproxy.pid"
        wait_for 50 test -s "$state/$node/haproxy.pid" || return 1
        launch "$node-keepalived" "$node" env "$mark=$prefix$node" keepalived -n -l -D -f "$state/$node/keepalived.conf" -p "$state/$node/keepalived.pid" -r "$state/$node/vrrp.pid"
    elif [ -s "$state/user" ]; then
        start_as_user "$node" "$(cat "$state/user")"
    else
        launch "$node" "$node" env "$mark=$prefix$node" "$balancer" -f "$state/global.cfg" -f "$state/haproxy.cfg" -f "$state/streams.cfg" \
            --cluster "$state/cluster.cfg" --node "$node" --state "$state/$node"
    fi
}

# How often its guard has ended it for a hang: loops that have no processor for a second cannot be told from loops that are broken.
hangs_of() {
    local count
    count=$(grep -c 'hang for' "$state/$1/guard.log" 2>/dev/null)
    say "${count:-0}"
}

# As its unit would: a node that its guard has ended for a hang is started again, and that is said. One that ends otherwise is left as it is.
start_the_hanging() {
    local node
    if is_pair_of_haproxy; then return; fi
    for node in $nodes; do
        if runs "$node" || [ "$(hangs_of "$node")" -le "$(cat "$state/$node.hangs")" ]; then continue; fi
        say "    started again: $node, which its guard had ended: $(grep 'hang for' "$state/$node/guard.log" | tail -n 1)"
        start_node "$node"
    done
}

# The processes that belong to a node, the first one first.
node_pids() {
    local pid
    for pid in $(ip netns pids "$prefix$1" 2>/dev/null); do
        if grep -qz "^$mark=$prefix$1$" "/proc/$pid/environ" 2>/dev/null || tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$state/$1/"; then say "$pid"; fi
    done
}

# pids_named NODE COMMAND   those of a node's processes that run this program, as ps shows it.
pids_named() {
    local pid
    for pid in $(node_pids "$1"); do
        if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ]; then say "$pid"; fi
    done
}

balancer_pids() {
    if is_pair_of_haproxy; then pids_named "$1" haproxy; else pid_of "$1"; fi
}

# stop_node NODE   as its administrator would; what is left after that is killed.
stop_node() {
    local node=$1 name told=no pids
    pids=$(node_pids "$node")
    for name in "$node-keepalived" "$node"; do
        if runs "$name"; then kill -TERM "$(pid_of "$name")" 2>/dev/null && told=yes; fi
    done
    [ $told = no ] || wait_for 60 no_process_of "$node"
    kill_node "$node"
    # shellcheck disable=SC2086
    forget_shared_memory $pids
    rm -f "$state/$node.pid" "$state/$node-keepalived.pid" "$state/$node"/*.pid
}

no_process_of() { [ -z "$(node_pids "$1")" ]; }

# kill_node NODE   all of it, at once.
kill_node() {
    local pids
    pids=$(node_pids "$1")
    # shellcheck disable=SC2086
    if [ -n "$pids" ]; then
        kill -KILL $pids 2>/dev/null
        wait_for 50 no_process_of "$1"
        forget_shared_memory $pids
    fi
}

# Corosync and its clients leave their ring buffers behind when they are killed; the names hold both process ids.
forget_shared_memory() {
    local pid
    for pid in "$@"; do rm -rf "/dev/shm/qb-$pid-"* /dev/shm/qb-[0-9]*-"$pid-"* "/dev/shm/qb-corosync-$pid-"*; done
}

# Who has the address on its interface; both, or nobody, is possible in between.
owners() {
    local node
    for node in $nodes; do
        if [ -n "$(ip -n "$prefix$node" -o address show dev eth0 to ${net}25 2>/dev/null)" ]; then say "$node"; fi
    done
}

has_one_owner() { [ "$(owners | wc -l)" -eq 1 ]; }

peer_of() { say "lb$((3 - ${1#lb}))"; }

# Would a failover work? One owner, both nodes whole, both servers checked by both.
pair_is_healthy() {
    local node
    start_the_hanging
    has_one_owner || return 1
    for node in $nodes; do node_is_healthy "$node" || return 1; done
}

node_is_healthy() {
    if is_pair_of_haproxy; then
        runs "$1" && runs "$1-keepalived" && [ "$(haproxy_says "$1" "show stat" | grep -c '^e2k13,exchange.*L6OK')" -eq 2 ] &&
            grep -q "Entering \(MASTER\|BACKUP\) STATE" "$state/$1-keepalived.out"
    else
        runs "$1" && cluster_says "$1" "show cluster" | grep -q "^Failover: yes"
    fi
}

haproxy_says() { say "$2" | socat -t 2 - "UNIX-CONNECT:$state/$1/stats.sock" 2>/dev/null; }

# The verbs ask the same socket, but starting a program ten times a second would cost the measurement its processor.
cluster_says() { say "$2" | socat -t 12 - "UNIX-CONNECT:$state/$1/control.sock" 2>/dev/null; }

# ask_node NODE VERB [ARGUMENT...]
ask_node() {
    local node=$1
    shift
    inside "$node" "$balancer" "$@" --state "$state/$node"
}

# What a node that does not come up has to say, in one line.
complaint_of() { grep -hi 'alert\|error\|fatal' "$state/$1.out" 2>/dev/null | tail -n 1; }
