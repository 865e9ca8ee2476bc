# shellcheck shell=bash
# The lab's world: hosts as network namespaces, two networks, two web servers. Sourced by lab.sh.
#
#   client             lb1               lb2             exchange1       exchange2
#   .51-.74 .110-.249  .21               .22             .103            .104
#      └────────────────┴─────────────────┴── service ─────┴───────────────┘        192.168.200.0/24, a bridge; the pair owns .25
#                       └──── cluster ────┘                                         10.0.0.0/24, another bridge
#
# With LAB_IPV6=yes the same hosts have fd00:200::51, …, ::25 and fd00:10::21, ::22, and no IPv4 address.
# Both bridges are in a namespace of their own, ${prefix}net, where each host's port has the host's name (lb1, and lb1c for the cluster network).

is_ipv6() { [ "${ipv6:-no}" = yes ]; }

if is_ipv6; then
    readonly net=fd00:200:: cluster_net=fd00:10:: length=64
else
    readonly net=192.168.200. cluster_net=10.0.0. length=24
fi
readonly hosts="client lb1 lb2 exchange1 exchange2" nodes="lb1 lb2"

# host NUMBER   an address of the service network as it stands before a port.
host() { if is_ipv6; then say "[$net$1]"; else say "$net$1"; fi; }

# sources FIRST LAST   as the drill client takes them: without a range in IPv6, whose numbers are hexadecimal.
sources() { if is_ipv6; then seq -s , -f "$net%g" "$1" "$2"; else say "$net$1-$2"; fi; }

inside() { local host=$1; shift; ip netns exec "$prefix$host" "$@"; }

make_world() {
    local host bridge
    ip netns add "${prefix}net" 2>"$state/error" || die "no network namespace can be made ($(head -n 1 "$state/error")); a container needs CAP_SYS_ADMIN"
    for bridge in service cluster; do
        ip -n "${prefix}net" link add $bridge type bridge forward_delay 0 mcast_snooping 0
        ip -n "${prefix}net" link set $bridge up
    done
    for host in $hosts; do
        ip netns add "$prefix$host"
        ip -n "$prefix$host" link set lo up
        connect "$host" eth0 "$host" service
        # A standby that forwards would hide an outage; another congestion control (BBR) would hide how a connection ends.
        inside "$host" sh -c 'echo 0 > /proc/sys/net/ipv4/ip_forward
            echo cubic > /proc/sys/net/ipv4/tcp_congestion_control || echo reno > /proc/sys/net/ipv4/tcp_congestion_control' 2>/dev/null
    done
    connect lb1 eth1 lb1c cluster
    connect lb2 eth1 lb2c cluster
    give lb1 eth0 ${net}21
    give lb2 eth0 ${net}22
    give lb1 eth1 ${cluster_net}21
    give lb2 eth1 ${cluster_net}22
    give exchange1 eth0 ${net}103
    give exchange2 eth0 ${net}104
    # shellcheck disable=SC2046
    give client eth0 $(seq -f "${net}%g" 51 74) $(seq -f "${net}%g" 110 249)
}

# connect HOST DEVICE PORT BRIDGE   The port is named first, from within its namespace: Debian 12's kernel refuses a first name that the caller's own
# namespace has ("File exists"), and many a host has an eth0.
connect() {
    ip -n "${prefix}net" link add "$3" type veth peer name "$2" netns "$prefix$1"
    ip -n "${prefix}net" link set "$3" master "$4" up
    ip -n "$prefix$1" link set "$2" up
}

give() {
    local host=$1 device=$2 address
    shift 2
    for address in "$@"; do say "address add $address/$length dev $device$(is_ipv6 && say " nodad")"; done | ip -n "$prefix$host" -batch -
}

make_certificates() {
    local days=30 log=$state/openssl.log
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days $days -subj "/CN=ExchangeLb lab CA" \
            -keyout "$state/ca.key" -out "$state/ca.crt" &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=mail.vcloudlab.local" \
            -keyout "$state/mail.key" -out "$state/mail.csr" &&
        openssl x509 -req -in "$state/mail.csr" -CA "$state/ca.crt" -CAkey "$state/ca.key" -CAcreateserial -days $days -out "$state/mail.crt" \
            -extfile <(echo "subjectAltName=DNS:mail.vcloudlab.local,DNS:autodiscover.vcloudlab.local")
    } >"$log" 2>&1 || die "openssl made no certificate: $(tail -n 1 "$log")"
}

start_exchange() {
    local name=exchange$1
    sed "s|STATE|$state|g; s|NAME|$name|g" vagrant/lab/exchange.nginx.conf >"$state/$name.conf"
    launch "$name" "$name" nginx -c "$state/$name.conf" -e "$state/$name.error.log"
    wait_for 200 inside client curl -so "$state/null" --insecure --noproxy '*' "https://$(host $((102 + $1)))/" ||
        die "$name did not start: $(tail -n 1 "$state/$name.error.log" "$state/$name.out" 2>/dev/null)"
    if [ -n "${LAB_STREAMS:-}" ]; then
        launch "$name-streams" "$name" dotnet "$client" --stream-server 9000 --certificate "$state/mail.crt" --key "$state/mail.key"
    fi
}

# One sink a node; both write into one file.
start_logs() {
    local node
    for node in $nodes; do
        launch "log-$node" "$node" socat -u UDP-RECV:514,bind=127.0.0.1 "OPEN:$state/log.txt,creat,append"
    done
}

# launch NAME HOST COMMAND...   in a session of its own; remembers pid and start time, so that only this very process is killed later.
launch() {
    local name=$1 host=$2 pid
    shift 2
    setsid ip netns exec "$prefix$host" "$@" >"$state/$name.out" 2>&1 </dev/null 9>&- &
    pid=$!
    disown $pid
    echo "$pid $(started_at $pid)" >"$state/$name.pid"
}

started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# A process that was killed and that nobody has waited for yet does not run.
runs() {
    local pid started
    read -r pid started 2>/dev/null <"$state/$1.pid" || return 1
    [ -n "$started" ] && [ "$(started_at "$pid")" = "$started" ] && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null
}

pid_of() { cut -d' ' -f1 "$state/$1.pid"; }

# end NAME [SIGNAL]   the whole session of the process: nginx has workers.
end() {
    local pid _
    if runs "$1"; then
        read -r pid _ <"$state/$1.pid"
        kill "-${2:-KILL}" -- "-$pid" 2>/dev/null
        wait_for 50 not runs "$1" || kill -KILL -- "-$pid" 2>/dev/null
    fi
    rm -f "$state/$1.pid"
}

not() { ! "$@"; }

# wait_for TENTHS COMMAND...   until it succeeds; false when the time is over.
wait_for() {
    local tenths=$1
    shift
    while ! "$@" 2>/dev/null; do
        tenths=$((tenths - 1))
        [ $tenths -gt 0 ] || return 1
        sleep 0.1
    done
}

remove_world() {
    local name host others status=0
    for name in browse drill streams load; do end $name TERM; done
    for name in $nodes; do stop_node "$name"; done
    for name in exchange1 exchange2; do end $name TERM; end $name-streams TERM; done
    for name in $nodes; do end "log-$name"; done
    for host in $hosts net; do
        [ -e "/run/netns/$prefix$host" ] || continue
        others=$(ip netns pids "$prefix$host" 2>/dev/null | tr '\n' ' ')
        if [ -n "$others" ]; then
            say "namespace $prefix$host stays: processes that the lab did not start are in it (${others% })" >&2
            status=1
        else
            ip netns delete "$prefix$host"
        fi
    done
    rm -rf "$state"
    return $status
}
