# shellcheck shell=bash
# The lab's world: five namespaces on one bridge, two web servers, one balancer, one log file. Sourced by lab.sh.
#
#   client          lb1                  exchange1         exchange2
#   .51 - .74       .21, .25 (service)   .103              .104
#      └───────────────┴──── bridge ────────┴─────────────────┘        192.168.200.0/24, in a namespace of its own

readonly net=192.168.200
readonly hosts="client lb1 exchange1 exchange2"

inside() { local host=$1; shift; ip netns exec "$prefix$host" "$@"; }

make_world() {
    local host
    ip netns add "${prefix}net" 2>"$state/error" || die "no network namespace can be made ($(head -n 1 "$state/error")); a container needs CAP_SYS_ADMIN"
    ip -n "${prefix}net" link add bridge type bridge forward_delay 0
    ip -n "${prefix}net" link set bridge up
    for host in $hosts; do
        ip netns add "$prefix$host"
        ip link add eth0 netns "$prefix$host" type veth peer name "$host" netns "${prefix}net"
        ip -n "${prefix}net" link set "$host" master bridge up
        ip -n "$prefix$host" link set lo up
        ip -n "$prefix$host" link set eth0 up
        inside "$host" sh -c 'echo 0 > /proc/sys/net/ipv4/ip_forward
            echo cubic > /proc/sys/net/ipv4/tcp_congestion_control || echo reno > /proc/sys/net/ipv4/tcp_congestion_control' 2>/dev/null
    done
    give lb1 21 25
    give exchange1 103
    give exchange2 104
    # shellcheck disable=SC2046
    give client $(seq 51 74)
}

give() {
    local host=$1 last
    shift
    for last in "$@"; do ip -n "$prefix$host" address add "$net.$last/24" dev eth0; done
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
    wait_for 50 inside client curl -so "$state/null" --insecure --noproxy '*' "https://$net.$((102 + $1))/" ||
        die "$name did not start: $(tail -n 1 "$state/$name.error.log" "$state/$name.out" 2>/dev/null)"
}

start_log() {
    launch log lb1 socat -u "UNIX-RECV:$state/log.sock,mode=666" "OPEN:$state/log.txt,creat,append"
    wait_for 50 test -S "$state/log.sock" || die "the log sink did not start: $(cat "$state/log.out")"
}

# The article's file has 'log global' but no global section, so by itself it logs nothing: a first -f adds what the lab wants.
start_balancer() {
    cat >"$state/global.cfg" <<END
global
    log $state/log.sock local0
    stats socket $state/stats.sock mode 600 level admin
END
    launch balancer lb1 "$balancer" -db -f "$state/global.cfg" -f "$configuration"
    wait_for 100 checked_or_dead && runs balancer || die "the balancer does not run with two checked servers"
}

checked_or_dead() { not runs balancer || both_checked; }

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

runs() {
    local pid started
    read -r pid started 2>/dev/null <"$state/$1.pid" || return 1
    [ -n "$started" ] && [ "$(started_at "$pid")" = "$started" ]
}

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
    for name in balancer exchange1 exchange2; do end $name TERM; done
    end log
    for host in $hosts net; do
        [ -e "/run/netns/$prefix$host" ] || continue
        others=$(ip netns pids "$prefix$host" 2>/dev/null | tr '\n' ' ')
        if [ -n "$others" ]; then
            say "namespace $prefix$host stays: processes that the lab did not start are in it (${others% })"
            status=1
        else
            ip netns delete "$prefix$host"
        fi
    done
    rm -rf "$state"
    return $status
}
