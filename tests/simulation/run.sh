#!/usr/bin/env bash
# Runs whole clusters under virtual time, one story a seed, on all cores; ends with 1 when a story has two owners, or none for too long.
#
#   tests/simulation/run.sh SEEDS [FIRST]   so many seeds, from FIRST (1) on; CI runs 10000
#   tests/simulation/run.sh --seed N        one again, told line by line: milliseconds, node, what happens
set -euo pipefail
cd "$(dirname "$0")/../.."
usage() { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
number() { [[ $1 =~ ^[0-9]{1,9}$ ]] || usage; }

case ${1:-} in
    --seed) [ $# -eq 2 ] || usage; number "$2"; first=$2 seeds=1 trace=$(mktemp) ;;
    *) [ $# -ge 1 ] && [ $# -le 2 ] || usage; number "$1"; number "${2:-1}"; seeds=$1 first=${2:-1} trace="" ;;
esac
dotnet build tests/ExchangeLb.Cluster.Tests -c Release -v quiet -clp:NoSummary
status=0
EXCHANGELB_SIMULATION_SEEDS=$seeds EXCHANGELB_SIMULATION_FIRST=$first EXCHANGELB_SIMULATION_TRACE=$trace \
    dotnet test tests/ExchangeLb.Cluster.Tests/bin/Release/net10.0/ExchangeLb.Cluster.Tests.dll --nologo \
    --filter "FullyQualifiedName=ExchangeLb.Cluster.Tests.Simulation.SimulationTests.Whatever_happens_there_are_never_two_owners_and_soon_one_again" \
    --logger "console;verbosity=minimal" || status=$?
if [ -n "$trace" ]; then cat "$trace"; rm -f "$trace"; fi
exit $status
