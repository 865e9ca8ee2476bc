#!/usr/bin/env bash
# The packages as an administrator meets them: two hosts are booted (Debian 12 with systemd, in containers of systemd-nspawn), the .deb is installed,
# the pair set up, failed over, upgraded one node after the other while a client measures, removed and purged; at the end one node comes from the rpm. Ends with one line: N passed, N failed.
#
#   sudo tests/package/run.sh            builds the packages first
#   sudo tests/package/run.sh prepare    only what it needs, packages and file system; with REUSE=1 the next run takes these
#   sudo tests/package/run.sh --keep     leaves the pair running; 'sudo tests/package/run.sh down' removes it
#
# PROGRAM=/path/to/exchangelb and NEXT_PROGRAM=… pack programs that have been published already; REUSE=1 takes the packages that are there. The file system of the hosts is made once, by debootstrap, in
# /var/cache/exchangelb-test.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
exec </dev/null 3>&1
. tests/need.sh

readonly prefix=pkg- state=/run/exchangelb-package-test base=/var/cache/exchangelb-test/bookworm
client=${LAB_CLIENT:-$PWD/artifacts/drillclient/ExchangeLb.DrillClient.dll}
. vagrant/lab/world.sh
. vagrant/lab/node.sh
. vagrant/lab/drill.sh
. tests/package/host.sh
. tests/package/files.sh
. tests/package/realtime.sh
. tests/package/rpm.sh

passed=0 failed=0

main() {
    is_root || die "this boots hosts and needs root"
    if [ "${1:-}" = down ]; then take_down; return; fi
    local started=$SECONDS
    need_commands debootstrap:debootstrap systemd-nspawn:systemd-container lintian:lintian rpm:rpm man:man-db nginx:nginx-light curl:curl \
        openssl:openssl ip:iproute2 nft:nftables setsid:util-linux nsenter:util-linux
    need_dotnet
    take_down
    trap 'take_down' EXIT
    mkdir -p "$state"
    step "packages"
    build_packages
    make_base
    if [ "${1:-}" = prepare ]; then return; fi
    [ -r "$client" ] || dotnet build tests/ExchangeLb.DrillClient -c Release -o artifacts/drillclient -v quiet -clp:NoSummary || die "the client that measures could not be built"
    check_files
    check_life
    if [ "${1:-}" = --keep ]; then trap - EXIT; fi
    say "package test took $((SECONDS - started)) s"
    say "$passed passed, $failed failed"
    [ $failed -eq 0 ]
}

build_packages() {
    [ -n "${REUSE:-}" ] || src/package/build.sh || die "the packages could not be built"
    version=$(dpkg-deb -f "$(newest deb)" Version)
    deb=$(newest deb) rpm=$(newest rpm)
    next=$PWD/artifacts/packages/exchangelb_${version}+next_amd64.deb
    if [ -n "${REUSE:-}" ] && [ -e "$next" ]; then return; fi
    # The next release has another number inside the program too, so that a guard and a balancer of two releases meet.
    local program=${NEXT_PROGRAM:-$PWD/artifacts/publish-next/exchangelb}
    if [ -z "${NEXT_PROGRAM:-}" ]; then
        say "publishing the next release"
        dotnet publish src/ExchangeLb -c Release -o artifacts/publish-next --artifacts-path artifacts/next -p:Version="${version%.*}.$((${version##*.} + 1))" \
            -p:PublishDocumentationFiles=false -v quiet -clp:NoSummary || die "the next release could not be built"
    fi
    QUICK=1 PROGRAM=$program VERSION=$version+next src/package/build.sh deb >/dev/null || die "the next package could not be built"
}

newest() { find "$PWD/artifacts/packages" -name "*.$1" -not -name '*+next*' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2; }

# What happens to a pair, from its first package to its last.
check_life() {
    step "two hosts boot"
    make_world
    make_certificates
    start_exchange 1
    start_exchange 2
    check "lb1 boots" boot lb1
    check "lb2 boots" boot lb2

    step "install"
    check "the package is installed on lb1" install_on lb1 "$deb"
    check "the package is installed on lb2" install_on lb2 "$deb"
    [ $failed -eq 0 ] || return
    check "systemd knows every line of its units" units_are_known lb1
    check "nothing of it runs or is enabled" nothing_runs lb1
    check "its user has no shell and no password" user_is_locked lb1
    check "a start without a set-up is refused in one line" start_is_refused_by lb1 "cluster.key is not there: exchangelb cluster-setup makes it"
    check "the distribution's Corosync is refused by name" setup_is_refused_by lb1 "the distribution's corosync.service runs on this host"
    check "it can be stopped" both in_host systemctl --quiet disable --now corosync

    step "set up, start"
    # These hosts share the processors of a build server and have no real-time scheduling: the default lease would lapse now and then.
    check "cluster.cfg is edited" both in_host sh -c "echo '    lease 1s' >>/etc/exchangelb/cluster.cfg"
    check "a wrong device is named" wrong_device_is_named lb1
    check "one node alone needs no Corosync" one_node_needs_no_more lb1
    check "cluster-setup starts lb1" in_host lb1 exchangelb cluster-setup --start
    check "the key is root's alone" key_is_safe lb1
    check "lb1 serves alone" wait_for 100 answers
    check "what it prints carries the key to lb2" key_to lb2
    check "a failover would work" wait_for 200 failover_would_work
    [ $failed -eq 0 ] || return
    check "each runs as its own user, with what it needs" identities lb1
    check "balancer and guard are scheduled in real time, or say that they are not" real_time_as_allowed lb1
    check "Corosync, too" corosync_as_allowed lb1
    check "neither their user nor their sandbox stands in the way of real time" sandbox_lets_real_time lb1
    check "a second cluster-setup changes nothing" in_host lb1 exchangelb cluster-setup

    step "run"
    check "systemctl shows what the node does" status_is_shown
    check "systemctl reload takes a changed file" reloads
    check "a wrong file is refused by systemctl reload, and the old one goes on" wrong_reload_is_refused
    check "a restart of the balancer leaves Corosync and guard running" restart_keeps_corosync lb1
    check "a balancer that hangs is started again" hung_balancer_comes_back "$(owner)"
    check "standby outlives a restart" standby_outlives_restart lb2

    step "a planned move"
    wait_for 200 failover_would_work
    measure switchover

    step "failover: the owner's host dies"
    wait_for 200 failover_would_work
    measure node_dies
    check "the client is served by the other host" answers
    check "the host that comes back is a node again, by itself" comes_back

    step "upgrade, one node after the other"
    wait_for 200 failover_would_work
    measure upgrade_both
    check "both run the next release, their guards too" both is_version "$version+next"
    check "the configuration is as it was" configuration_is_kept
    check "a failover would work" wait_for 200 failover_would_work

    step "remove, purge"
    check "stopping the balancer stops guard and Corosync" stop_stops_all lb2
    check "remove keeps configuration and key" remove_keeps lb1
    check "purge cleans" purge_cleans lb1
    check "after it the other one goes on alone" wait_for 100 answers_from lb2

    step "a node from the rpm"
    check "the rpm is installed on lb1, and starts nothing" install_rpm_on lb1
    check "it joins the .deb's node" joins_from_rpm lb1 lb2
    measure rpm_takes_over
    wait_for 200 failover_would_work
    check "it goes away by rpm -e, and leaves what was written" rpm_is_erased lb1
    check "the .deb's node has taken over again" wait_for 100 answers_from lb2
}

step() { say ""; say "== $1 ($SECONDS s)"; }

# check WHAT COMMAND...
check() {
    local what=$1 output status=0
    shift
    output=$("$@" 2>&1) || status=$?
    if [ $status -eq 0 ]; then
        passed=$((passed + 1))
        say "   ok: $what"
    else
        failed=$((failed + 1))
        say "   FAILED: $what"
        printf '%s\n' "$output" | tail -n 12 | sed 's/^/      /'
    fi
}

. tests/package/pair.sh
main "$@"
