# shellcheck shell=bash
# What run.sh checks of a pair that is installed. Sourced by it.

both() {
    local host command=$1
    shift
    for host in $nodes; do "$command" "$host" "$@" || return 1; done
}

install_on() {
    local host=$1 file=$2
    cp "$file" "$state/host-$host/tree/srv/"
    in_host "$host" apt-get -qq -y -o Dpkg::Options::=--force-confdef install "/srv/$(basename "$file")"
}

nothing_runs() {
    local unit
    for unit in exchangelb exchangelb-guard exchangelb-corosync; do
        if in_host "$1" systemctl --quiet is-active $unit; then say "$unit runs"; return 1; fi
        if in_host "$1" systemctl is-enabled $unit 2>/dev/null | grep -q '^enabled'; then say "$unit is enabled"; return 1; fi
    done
}

user_is_locked() { in_host "$1" getent passwd exchangelb | grep -q ':/nonexistent:/usr/sbin/nologin$' && in_host "$1" grep -q '^exchangelb:[!*]' /etc/shadow; }

# start_is_refused_by HOST TEXT
start_is_refused_by() {
    ! in_host "$1" systemctl start exchangelb && in_host "$1" journalctl -q --no-pager -o cat -u exchangelb | grep -F "$2" &&
        in_host "$1" systemctl stop exchangelb exchangelb-guard exchangelb-corosync && in_host "$1" systemctl reset-failed
}

# setup_is_refused_by HOST TEXT
setup_is_refused_by() {
    local said
    in_host "$1" systemctl is-active corosync || in_host "$1" systemctl start corosync || return 1
    said=$(in_host "$1" exchangelb cluster-setup 2>&1 >/dev/null) && return 1
    printf '%s\n' "$said"
    grep -qF "$2" <<<"$said"
}

wrong_device_is_named() {
    local said
    in_host "$1" sed -i 's/dev eth0/dev eth7/' /etc/exchangelb/cluster.cfg
    said=$(in_host "$1" exchangelb cluster-setup 2>&1 >/dev/null)
    in_host "$1" sed -i 's/dev eth7/dev eth0/' /etc/exchangelb/cluster.cfg
    printf '%s\n' "$said"
    grep -qF "this host has no device eth7; it has eth" <<<"$said"
}

key_is_safe() { [ "$(in_host "$1" stat -c '%U %a' /etc/exchangelb/cluster.key)" = "root 600" ]; }

# The line that cluster-setup has printed, without ssh: what would run there, runs there.
key_to() {
    local line
    line=$(in_host lb1 exchangelb cluster-setup | grep -o "ssh root@.*") || return 1
    say "$line"
    [ "$line" = "ssh root@${net}22 exchangelb cluster-setup --key - --start < /etc/exchangelb/cluster.key" ] || return 1
    in_host "$1" exchangelb cluster-setup --key - --start <"$state/host-lb1/tree/etc/exchangelb/cluster.key" && key_is_safe "$1"
}

answers() { ask_vip | grep -q '^exchange[12]'; }

ask_vip() { inside client curl -s --max-time 2 --noproxy '*' --cacert "$state/ca.crt" --resolve "mail.vcloudlab.local:443:${net}25" https://mail.vcloudlab.local/; }

answers_from() { [ "$(owners)" = "$1" ] && answers; }

owner() { owners | head -n 1; }

failover_would_work() { in_host lb1 exchangelb status >/dev/null; [ $? -le 1 ] && in_host lb2 exchangelb status >/dev/null; [ $? -le 1 ] && answers; }

main_pid() { in_host "$1" systemctl show -P MainPID "$2"; }

# identities HOST   users and capabilities, as the kernel has them.
identities() {
    local three=0000000000003400 two=0000000000003000
    is_user_with "$1" exchangelb exchangelb $three && is_user_with "$1" exchangelb-guard exchangelb $two && is_user_with "$1" exchangelb-corosync root
}

# is_user_with HOST UNIT USER [CAPABILITIES]
is_user_with() {
    local pid
    pid=$(main_pid "$1" "$2") && [ "$pid" -gt 0 ] || return 1
    say "$2: $(in_host "$1" grep -E '^(Uid|Cap(Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' "/proc/$pid/status" | tr '\n' ' ')"
    [ "$(in_host "$1" stat -c %U "/proc/$pid")" = "$3" ] || return 1
    [ -z "${4:-}" ] || [ "$(in_host "$1" grep -cE "^Cap(Prm|Eff|Bnd|Amb):.$4$" "/proc/$pid/status")" -eq 4 ]
}

status_is_shown() { wait_for 80 status_names_vip; }

status_names_vip() { in_host "$(owner)" systemctl show -P StatusText exchangelb | grep -qx "lb[12]: owns ${net}25"; }

reloads() {
    local pid
    pid=$(main_pid lb1 exchangelb)
    in_host lb1 sed -i 's/size 20k/size 30k/' /etc/exchangelb/haproxy.cfg
    in_host lb1 systemctl reload exchangelb && [ "$(main_pid lb1 exchangelb)" = "$pid" ] &&
        in_host lb1 journalctl -q --no-pager -o cat -u exchangelb | grep "Configuration reloaded" && in_host lb1 systemctl is-active exchangelb
}

wrong_reload_is_refused() {
    local status=0
    in_host lb1 sed -i 's/balance roundrobin/balance roundrobn/' /etc/exchangelb/haproxy.cfg
    in_host lb1 systemctl reload exchangelb && status=1
    in_host lb1 sed -i 's/balance roundrobn/balance roundrobin/' /etc/exchangelb/haproxy.cfg
    in_host lb1 journalctl -q --no-pager -o cat -u exchangelb | grep -F "'roundrobn'" && [ $status -eq 0 ] && in_host lb1 systemctl is-active exchangelb && answers
}

restart_keeps_corosync() {
    local corosync guard
    corosync=$(main_pid "$1" exchangelb-corosync) guard=$(main_pid "$1" exchangelb-guard)
    in_host "$1" systemctl restart exchangelb || return 1
    wait_for 200 failover_would_work || return 1
    say "Corosync $corosync -> $(main_pid "$1" exchangelb-corosync), guard $guard -> $(main_pid "$1" exchangelb-guard)"
    [ "$corosync" -gt 0 ] && [ "$corosync" = "$(main_pid "$1" exchangelb-corosync)" ] && [ "$guard" = "$(main_pid "$1" exchangelb-guard)" ]
}

# All its threads are stopped: the guard kills it, systemd starts it again.
hung_balancer_comes_back() {
    local pid
    pid=$(main_pid "$1" exchangelb)
    in_host "$1" kill -STOP "$pid" || return 1
    wait_for 100 other_balancer_than "$1" "$pid" && wait_for 200 failover_would_work
}

other_balancer_than() { local now; now=$(main_pid "$1" exchangelb); [ "$now" -gt 0 ] && [ "$now" != "$2" ]; }

standby_outlives_restart() {
    wait_for 100 in_host "$1" exchangelb standby && in_host "$1" systemctl restart exchangelb && [ -e "$state/host-$1/tree/var/lib/exchangelb/standby" ] &&
        wait_for 100 in_host "$1" exchangelb unstandby && [ ! -e "$state/host-$1/tree/var/lib/exchangelb/standby" ]
}

# one_node_needs_no_more HOST   a balancer that is alone with its address: neither Corosync nor guard, and no complaint of either.
one_node_needs_no_more() {
    local file=/etc/exchangelb/cluster.cfg status=0
    in_host "$1" sh -c "systemctl stop exchangelb; cp $file /run/pair.cfg; sed -i '/node lb2/d' $file; systemctl start exchangelb" || status=1
    wait_for 50 answers || status=1
    in_host "$1" systemctl is-active exchangelb || status=1
    if in_host "$1" systemctl is-active exchangelb-corosync exchangelb-guard; then status=1; fi
    in_host "$1" systemctl --failed --no-legend | grep exchangelb && status=1
    in_host "$1" sh -c "systemctl stop exchangelb; cp /run/pair.cfg $file"
    return $status
}

# measure COMMAND   while a client opens a new TLS connection every 10 ms; says what it saw.
measure() {
    local status=0
    start_client || { check "a client can measure" false; return; }
    "$@" >"$state/measured" 2>&1 || status=1
    stop_client || status=1
    say "   $(tail -n 1 "$state/drill.err")"
    check "$1, measured" test $status -eq 0 || tail -n 5 "$state/measured"
}

switchover() {
    local before
    before=$(owner)
    in_host "$before" exchangelb switchover && [ "$(owner)" != "$before" ] && sleep 1
}

node_dies() {
    owner >"$state/dead"
    die_host "$(cat "$state/dead")"
    wait_for 100 answers
    sleep 2.5 # the client is to see the end of it
}

comes_back() { boot "$(cat "$state/dead")" && wait_for 300 failover_would_work; }

upgrade_both() {
    local host
    for host in $nodes; do
        install_on "$host" "$next" || return 1
        wait_for 300 failover_would_work || { say "no failover after the upgrade of $host"; return 1; }
    done
    sleep 1
}

is_version() { [ "$(in_host "$1" dpkg-query -W -f '${Version}' exchangelb)" = "$2" ] && runs_what_is_installed "$1" exchangelb && runs_what_is_installed "$1" exchangelb-guard; }

# The program's file was replaced: whoever runs the one before is told by the kernel's link to it.
runs_what_is_installed() {
    local program
    program=$(in_host "$1" readlink "/proc/$(main_pid "$1" "$2")/exe")
    say "$1: $2 runs $program"
    [ "$program" = /usr/sbin/exchangelb ]
}

configuration_is_kept() { in_host lb1 grep -q 'size 30k' /etc/exchangelb/haproxy.cfg && both key_is_safe; }

stop_stops_all() {
    in_host "$1" systemctl stop exchangelb && wait_for 100 nothing_is_active "$1" && in_host "$1" systemctl start exchangelb && wait_for 200 failover_would_work
}

nothing_is_active() {
    local unit
    for unit in exchangelb exchangelb-guard exchangelb-corosync; do
        [[ $(in_host "$1" systemctl is-active $unit) =~ ^(inactive|failed)$ ]] || return 1
    done
}

remove_keeps() {
    in_host "$1" apt-get -qq -y remove exchangelb && wait_for 50 nothing_is_active "$1" && in_host "$1" test -s /etc/exchangelb/cluster.key &&
        in_host "$1" grep 'size 30k' /etc/exchangelb/haproxy.cfg && [ -z "$(in_host "$1" pgrep -u exchangelb)" ]
}

purge_cleans() {
    local left
    in_host "$1" apt-get -qq -y purge exchangelb || return 1
    left=$(in_host "$1" find / -xdev -name '*exchangelb*' -not -path '/srv/*' -not -path '/proc/*' -not -path '/var/log/*' -not -path '/sys/*' -not -path '/tmp/systemd-private-*' -not -path '/var/tmp/systemd-private-*')
    say "left: $left"
    [ -z "$left" ] && ! in_host "$1" getent passwd exchangelb && [ -z "$(inside "$1" nft list tables)" ]
}
