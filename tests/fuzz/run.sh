#!/usr/bin/env bash
# Throws random and damaged bytes at everything that reads what others wrote: configuration, answers of checked servers, requests for the
# stats page, commands to the stats socket. Ends with 1 at a crash, a hang or growing memory, naming the case.
#
#   tests/fuzz/run.sh [SECONDS] [SEED]                 60 seconds with a new seed, unless told otherwise
#   tests/fuzz/run.sh 0 SEED TARGET CASE               one case again; its input is left in a file
set -euo pipefail
cd "$(dirname "$0")/../.."
readonly seconds=${1:-60} seed=${2:-$((RANDOM * 32768 + RANDOM))}
dotnet build tests/fuzz/ExchangeLb.Fuzz -c Release -v quiet -clp:NoSummary
exec dotnet tests/fuzz/ExchangeLb.Fuzz/bin/Release/net10.0/ExchangeLb.Fuzz.dll "$seconds" "$seed" "${@:3}"
