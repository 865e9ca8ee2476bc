# shellcheck shell=bash
# Who is scheduled in real time on a host that is booted, as its kernel says. Sourced by run.sh.

readonly unprivileged_priority=50
readonly refusal="no real-time scheduling for the lease thread"

# Exactly one of the two, and the one that this host allows: threads in real time, or the line that says that there are none.
real_time_as_allowed() {
    show_threads "$1"
    if limit_is_given "$1"; then
        in_real_time "$1" exchangelb lease $unprivileged_priority && in_real_time "$1" exchangelb-guard exchangelb $unprivileged_priority && ! says_refusal "$1"
    else
        say "this host gives nobody a limit RTPRIO: no CAP_SYS_RESOURCE"
        none_in_real_time "$1" exchangelb && none_in_real_time "$1" exchangelb-guard && says_refusal "$1"
    fi
}

corosync_as_allowed() {
    show_threads "$1"
    if in_host "$1" systemd-run --quiet --wait --collect -p CapabilityBoundingSet=CAP_SYS_NICE chrt --rr 99 true; then
        in_real_time "$1" exchangelb-corosync corosync 99
    else
        none_in_real_time "$1" exchangelb-corosync && in_host "$1" journalctl -q --no-pager -o cat -u exchangelb-corosync | grep "Could not set SCHED_RR"
    fi
}

# The capability in the limit's place: user and sandbox are the units', so that neither can be what stands in the way.
sandbox_lets_real_time() {
    local status=0
    add_capability "$1"
    if in_host "$1" systemctl restart exchangelb-guard exchangelb && wait_for 200 failover_would_work; then
        show_threads "$1"
        in_real_time "$1" exchangelb lease $unprivileged_priority || status=1
        in_real_time "$1" exchangelb-guard exchangelb $unprivileged_priority || status=1
        says_refusal "$1" && status=1
    else
        status=1
    fi
    take_capability "$1" && wait_for 200 failover_would_work && return $status
}

add_capability() {
    local unit folder
    for unit in exchangelb exchangelb-guard; do
        folder=/run/systemd/system/$unit.service.d
        in_host "$1" sh -c "mkdir -p $folder; printf '[Service]\nAmbientCapabilities=CAP_SYS_NICE\nCapabilityBoundingSet=CAP_SYS_NICE\n' >$folder/nice.conf" || return 1
    done
    in_host "$1" systemctl daemon-reload
}

take_capability() {
    in_host "$1" sh -c "rm -r /run/systemd/system/exchangelb*.service.d; systemctl daemon-reload; systemctl restart exchangelb-guard exchangelb"
}

# What the unit asks for, asked for by somebody else.
limit_is_given() { in_host "$1" systemd-run --quiet --wait --collect --uid=exchangelb -p LimitRTPRIO=$unprivileged_priority chrt --rr $unprivileged_priority true; }

# in_real_time HOST UNIT THREAD PRIORITY
in_real_time() { threads_of "$1" "$2" | grep -xE "$3 +RR +$4"; }

none_in_real_time() { [ "$(main_pid "$1" "$2")" -gt 0 ] && ! threads_of "$1" "$2" | grep -E ' (RR|FF) '; }

threads_of() { in_host "$1" ps -L -o comm=,cls=,rtprio= -p "$(main_pid "$1" "$2")"; }

show_threads() {
    local unit
    for unit in exchangelb exchangelb-guard exchangelb-corosync; do
        say "      $unit, in real time: $(threads_of "$1" $unit | awk '$2 ~ /RR|FF/ { print $1, $3 }' | sort | uniq -c | tr -s ' \n' ' ')"
    done >&3
}

# Since its last start.
says_refusal() {
    in_host "$1" journalctl -q --no-pager -o cat "_SYSTEMD_INVOCATION_ID=$(in_host "$1" systemctl show -P InvocationID exchangelb)" | grep -F "$refusal"
}
