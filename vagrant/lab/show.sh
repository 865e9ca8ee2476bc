# shellcheck shell=bash
# What the lab shows: requests from many clients, one client that sticks, a server that dies and returns. Sourced by lab.sh.

readonly site=mail.vcloudlab.local

# ask LAST-BYTE [PATH]   one request from 192.168.200.LAST over verified TLS; prints the answer.
ask() {
    inside client curl --silent --show-error --fail --max-time 20 --noproxy '*' --cacert "$state/ca.crt" --resolve "$site:443:$(host 25)" \
        --interface "${net}$1" "https://$site${2:-/}"
}

csv() { inside client curl --silent --fail --max-time 5 --noproxy '*' "http://$(host 25)/;csv"; }

# field SERVER NAME   one column of the article's backend, by its name in the header.
field() {
    csv | awk -F, -v server="$1" -v name="$2" '
        NR == 1 { sub(/^# /, ""); for (i = 1; i <= NF; i++) column[$i] = i }
        $1 == "e2k13" && $2 == server { print $column[name] }'
}

status_is() { [[ "$(field "$1" status)" == "$2"* ]]; }
is_checked() { [[ "$(field "$1" check_status)" == *L6OK ]]; }
both_checked() { is_checked exchange1 && is_checked exchange2; }

# traffic FIRST LAST   one request from each client address; prints who answered whom, fails when one got no answer.
traffic() {
    local last answer failed=0
    declare -A clients=()
    for last in $(seq "$1" "$2"); do
        if answer=$(ask "$last"); then clients[$answer]+=" .$last"; else failed=$((failed + 1)); fi
    done
    for answer in $(printf '%s\n' "${!clients[@]}" | sort); do say "    $answer answered${clients[$answer]}"; done
    servers_seen=${#clients[@]}
    [ $failed -eq 0 ] || { say "    no answer for $failed of $(($2 - $1 + 1)) clients"; return 1; }
}

stick() {
    local answers
    answers=$(for _ in 1 2 3 4 5 6; do ask "$1" || echo none; done)
    say "    ${net}$1, six connections: $(echo "$answers" | uniq -c | awk '{ printf "%s%s x %s", (NR > 1 ? ", then " : ""), $2, $1 }')"
    [ "$(echo "$answers" | sort -u | wc -l)" -eq 1 ] && [[ $answers != *none* ]]
}

# A client that is stuck to the server which dies asks on and on until the checks have found out.
show_death() {
    local victim=$1 client=$2 started now asked=0 failed=0 slowest=0 before looked in_use
    end "exchange$victim" KILL
    started=$(milliseconds)
    in_use=$started   # when a look began that still saw it: how long looks and requests take is no matter of the checks
    while looked=$(milliseconds) && ! status_is "exchange$victim" DOWN; do
        in_use=$looked
        before=$(milliseconds)
        [ $((before - started)) -lt 20000 ] || { say "    still in use after 20 s"; return 1; }
        ask "$client" >/dev/null 2>&1 || failed=$((failed + 1))
        asked=$((asked + 1))
        now=$(($(milliseconds) - before))
        [ $now -le $slowest ] || slowest=$now
        sleep 0.1
    done
    now=$(($(milliseconds) - started))
    say "    exchange$victim killed; taken out after $(seconds $now) s (three checks, two seconds apart)"
    say "    a client that was stuck to it asked $asked times meanwhile: $failed failed, the slowest took $(seconds $slowest) s"
    [ $((in_use - started)) -le 8000 ]
}

milliseconds() { date +%s%3N; }
seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

show_states() {
    csv | awk -F, '
        NR == 1 { sub(/^# /, ""); for (i = 1; i <= NF; i++) column[$i] = i
                  printf "    %-8s %-10s %-8s %-10s %9s %9s %12s %12s\n", "proxy", "name", "state", "check", "sessions", "total", "bytes in", "bytes out" }
        NR > 1 && NF > 1 { printf "    %-8s %-10s %-8s %-10s %9s %9s %12s %12s\n", $1, $2, $column["status"], $column["check_status"], $column["scur"], $column["stot"], $column["bin"], $column["bout"] }'
}

# program_of PID   guard, balancer, or the program's own name.
program_of() {
    local line
    line=$(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null)
    case $line in
        *" guard "*) say guard ;;
        "$balancer "*) say balancer ;;
        *) say "$(basename "${line%% *}")" ;;
    esac
}

show_processes() {
    local name pid pids
    for name in $nodes; do
        pids=""
        for pid in $(node_pids "$name"); do pids+="${pids:+, }$(program_of "$pid") $pid"; done
        if runs "$name"; then
            say "    $name runs ($pids)$(if [[ " $(owners | tr '\n' ' ')" == *" $name "* ]]; then say ", owns ${net}25"; fi)"
        else
            say "    $name is down${pids:+; what is left of it: $pids}"
        fi
    done
    for name in exchange1 exchange2; do
        if runs $name; then say "    $name runs (pid $(pid_of $name))"; else say "    $name is down"; fi
    done
}

# What the pair says of itself, with the code of the verb; HAProxy has no word for it.
show_pair() {
    local node
    if is_pair_of_haproxy; then return 0; fi
    node=$(running_node)
    if [ -n "$node" ]; then ask_node "$node" status; else say "    no node runs: $lab heal starts both"; return 3; fi
}

show_log() {
    [ -s "$state/log.txt" ] || { say "    no log line yet"; return 1; }
    tail -n "$1" "$state/log.txt" | sed 's/^<[0-9]*>//; s/^/    /'
}
