#!/usr/bin/env bash
# Builds everything, checks its form, runs all tests, and ends with one line: N passed, N failed, N skipped.
#
#   sudo tests/run.sh             all projects
#   sudo tests/run.sh Core Lab    only ExchangeLb.Core.Tests and ExchangeLb.Lab.Tests; Package: tests/package/run.sh, and Provision:
#                                 tests/provision/run.sh, which are parts of all
#
# As root, since the lab tests make network namespaces; without root these are skipped. With CI=true a skipped test is a failure.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
exec </dev/null
. tests/need.sh

export HOME="${HOME:-/root}" LC_ALL=C.UTF-8
readonly results=$PWD/artifacts/test-results
readonly hang_limit=5m project_limit=30m

main() {
    need_dotnet
    if is_root; then
        need_commands haproxy:haproxy keepalived:keepalived corosync:corosync nft:nftables nginx:nginx-light chromium:chromium ip:iproute2 \
            openssl:openssl curl:curl socat:socat ps:procps ss:iproute2 git:git tcpdump:tcpdump ruby:ruby debootstrap:debootstrap
    elif [ "${CI:-}" = true ]; then
        die "with CI=true the lab tests must run, and they need root"
    else
        say "not root: nothing is installed, and the tests that need network namespaces are skipped"
    fi

    local started=$SECONDS
    say "== build (Release; a warning is an error)"
    dotnet build ExchangeLb.sln -c Release --disable-build-servers -v quiet -clp:NoSummary || stop_before_tests "the build failed"
    rm -rf "$results"
    mkdir -p "$results"
    if [ $# -eq 0 ] && is_root; then prepare; fi
    say "== form (dotnet format)"
    dotnet format ExchangeLb.sln --verify-no-changes --no-restore -v quiet ||
        count_failure "the form is not that of .editorconfig: run dotnet format"
    say "   built and checked in $((SECONDS - started)) s"

    local name
    for name in $(projects_in_order "$@"); do
        if is_timed "$name"; then await_prepared; fi
        run_project "$name"
    done
    if [ $# -eq 0 ] || [[ " $* " == *" Provision "* ]]; then begin_provision; fi
    if [ $# -eq 0 ] || [[ " $* " == *" Package "* ]]; then run_package; fi
    end_provision
    [ $((passed + failed + skipped)) -gt 0 ] || count_failure "no project ran a test"

    if [ "${CI:-}" = true ] && [ $skipped -gt 0 ]; then
        say "CI=true: $skipped skipped tests count as failures"
        failed=$((failed + skipped))
        skipped=0
    fi
    if [ ${#failures[@]} -gt 0 ]; then printf 'FAILED: %s\n' "${failures[@]}"; fi
    say "all took $((SECONDS - started)) s"
    close
}

passed=0 failed=0 skipped=0 failures=() preparing="" reuse="" provisioning=""

close() {
    say "$passed passed, $failed failed, $skipped skipped"
    [ $failed -eq 0 ]
    exit
}

stop_before_tests() { say "$1"; failed=1; close; }

count_failure() { failed=$((failed + 1)); failures+=("$1"); say "$1"; }

# The quick ones first; what needs sockets, browsers or namespaces last.
projects_in_order() {
    local wanted=("$@") folder name rank
    for folder in tests/*.Tests/; do
        name=$(basename "$folder")
        if [ ${#wanted[@]} -gt 0 ] && [[ " ${wanted[*]} " != *" $(short "$name") "* ]]; then continue; fi
        case $(short "$name") in
            House | Core) rank=1 ;;
            Config | Cluster) rank=2 ;;
            Loopback) rank=4 ;;
            Lab) rank=5 ;;
            *) rank=3 ;;
        esac
        say "$rank $name"
    done | sort | cut -d' ' -f2
}

# Those that have the machine for themselves, as they measure times beside HAProxy's or of failures.
is_timed() { [[ " Loopback Lab " == *" $(short "$1") "* ]]; }

short() { local name=${1#ExchangeLb.}; say "${name%.Tests}"; }

run_project() {
    local name=$1 status=0 started=$SECONDS folder=$results/$1 assembly trx p f s filter=()
    assembly=tests/$name/bin/Release/net10.0/$name.dll trx=$folder/$name.trx
    if [ -z "$(find "tests/$name" -name '*.cs' -not -path '*/obj/*' -print -quit)" ]; then return; fi
    say "== $(short "$name")"
    # A class that makes network namespaces, and whose tests are a contract's, has the trait; single tests of that kind skip themselves.
    is_root || filter=(--filter "needs!=root")
    timeout --kill-after=30s $project_limit dotnet test "$assembly" "${filter[@]}" --logger "console;verbosity=minimal" --logger "trx;LogFileName=$name.trx" \
        --results-directory "$folder" --blame-hang-timeout $hang_limit --blame-hang-dump-type mini || status=$?

    p=$(counter "$trx" passed) f=$(counter "$trx" failed)
    f=$((f + $(counter "$trx" error) + $(counter "$trx" timeout) + $(counter "$trx" aborted)))
    s=$(($(counter "$trx" total) - $(counter "$trx" executed)))
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    if [ $f -gt 0 ]; then failures+=("$f in $name"$'\n'"$(show_failed "$trx")"); fi
    if [ $s -gt 0 ]; then show_skipped "$trx"; fi
    if [ $status -eq 124 ] || [ $status -eq 137 ]; then
        count_failure "$name did not end in $project_limit"
    elif [ -n "$(find "$folder" -name 'Sequence_*.xml' -print -quit)" ]; then
        count_failure "$name hung or crashed$(unfinished_tests "$folder")"
        find "$folder" -name '*.dmp' -printf '   dump: %p\n'
    elif [ $status -ne 0 ] && [ $f -eq 0 ]; then
        count_failure "$name ended with status $status"
    elif [ $((p + f + s)) -eq 0 ]; then
        count_failure "$name ran no test"
    fi
    say "   $p passed, $f failed, $s skipped in $((SECONDS - started)) s"
}

# What the last parts need, made with what other projects leave of the processors: the program as `vagrant/lab.sh up` builds it, packages, the hosts' file
# systems. In the same session: in one of its own nice would not count (sched(7), autogroup). What fails is tried again by the part that needs it.
prepare() {
    set -m # a group of its own, to be ended with all that it has begun
    # shellcheck disable=SC2016
    nice -n 19 sh -c 'vagrant/lab.sh build && QUICK=1 PROGRAM=$PWD/artifacts/publish/exchangelb tests/package/run.sh prepare &&
        QUICK=1 tests/provision/run.sh prepare' >"$results/prepare.log" 2>&1 &
    preparing=$!
    set +m
    trap 'kill -- -$preparing 2>/dev/null' EXIT
}

await_prepared() {
    local started=$SECONDS
    [ -n "$preparing" ] || return
    if wait $preparing; then reuse=1; else say "   not prepared: $(tail -n 1 "$results/prepare.log")"; fi
    trap - EXIT
    preparing=
    say "== packages and hosts are ready; waited $((SECONDS - started)) s for them"
}

# The packages on two booted hosts. Packed quickly, not tightly; what measures has been built above.
run_package() {
    local log=$results/package.log started=$SECONDS counts p f
    if ! is_root; then return; fi
    say "== Package"
    QUICK=1 REUSE=$reuse LAB_CLIENT=$PWD/tests/ExchangeLb.DrillClient/bin/Release/net10.0/ExchangeLb.DrillClient.dll timeout --kill-after=30s 10m tests/package/run.sh >"$log" 2>&1
    grep -A 12 'FAILED:\|outage' "$log" | grep -v '   ok:'
    counts=$(tail -n 1 "$log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
    read -r p f <<<"${counts:-0 0}"
    passed=$((passed + p)) failed=$((failed + f))
    if [ "$f" -gt 0 ]; then failures+=("$f of the package's"$'\n'"$(grep 'FAILED:' "$log")"); fi
    if [ "$p" -eq 0 ]; then count_failure "the packages could not be tried: $(tail -n 1 "$log")"; fi
    say "   $p passed, $f failed, 0 skipped in $((SECONDS - started)) s"
}

# The provisioning scripts of vagrant/; one test. Beside the packages', where these are made already: either waits for its hosts most of the time.
begin_provision() {
    if ! is_root; then return; fi
    say "== Provision"
    provision_began=$SECONDS
    provision >"$results/provision.log" 2>&1 &
    provisioning=$!
    [ -n "$reuse" ] || wait $provisioning
}

provision() { QUICK=1 REUSE=$reuse timeout --kill-after=30s 10m tests/provision/run.sh && say "took $((SECONDS - provision_began)) s"; }

end_provision() {
    local status=0
    if [ -z "$provisioning" ]; then return; fi
    wait "$provisioning" || status=$?
    if [ $status -eq 0 ]; then
        passed=$((passed + 1))
    else
        tail -n 15 "$results/provision.log"
        count_failure "the provisioned machines do not work (status $status)"
    fi
    say "   Provision: $(tail -n 1 "$results/provision.log")"
}

# counter FILE NAME   one attribute of the <Counters .../> of a .trx file; 0 without a file.
counter() {
    local value=""
    [ -f "$1" ] && value=$(grep -o '<Counters [^>]*' "$1" | grep -o " $2=\"[0-9]*\"" | grep -o '[0-9]*' | head -n 1)
    say "${value:-0}"
}

show_skipped() {
    grep -o '<UnitTestResult [^>]*outcome="NotExecuted"' "$1" | grep -o 'testName="[^"]*"' | sed 's/testName="/   skipped: /; s/"$//'
}

# show_failed FILE   each failed test of a .trx file with the first lines of its message.
show_failed() {
    awk '
        /<UnitTestResult / { failed = /outcome="Failed"/; if (failed) { name = $0; sub(/.*testName="/, "", name); sub(/".*/, "", name); print "   " name } }
        failed && /<Message>/ { left = 6; sub(/.*<Message>/, "") }
        left > 0 { line = $0; ended = sub(/<\/Message>.*/, "", line); print "      " substr(line, 1, 400); left = ended ? 0 : left - 1 }
        failed && / in .*\.cs:line [0-9]+/ { line = $0; sub(/<\/?StackTrace>/, "", line); sub(/.* in .*\//, "", line); print "      at " line }
    ' "$1" | sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&#xD;//g; s/&amp;/\&/g"
}

# After a hang or a crash the blame collector leaves Sequence_*.xml: the tests in the order of their start, with those that never ended.
unfinished_tests() {
    find "$1" -name 'Sequence_*.xml' -exec grep -ho '<Test [^>]*Completed="False"[^>]*' {} + | sed -n 's/.*Name="\([^"]*\)".*/ in \1/p' | sort -u | tr -d '\n'
}

main "$@"
