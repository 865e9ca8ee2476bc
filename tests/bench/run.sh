#!/usr/bin/env bash
# Compares ExchangeLb with HAProxy on this machine: rate, CPU, latency, memory, start. See README.md beside it.
#
#   sudo tests/bench/run.sh [WORKLOAD...] [--rounds N] [--threads 1,2] [--binary PATH] [--record]
#
# Workloads: conn req wrk down up lat idle start; none means all. Exit code: 0 all targets met, 1 one missed, 2 a run failed.
set -euo pipefail
readonly here=$(cd "$(dirname "$0")" && pwd)
. "$here/inside.sh"

options=() binary=""
command_line="tests/bench/run.sh $*"
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) sed -n '2,/^set /{s/^# \{0,1\}//p}' "$0"; exit 0 ;;
        --binary) binary=${2:?--binary needs a path}; shift ;;
        --record) options+=(--record-to "$here/results") ;;
        *) options+=("$1") ;;
    esac
    shift
done
measure_inside run "$binary" --command-line "$command_line" "${options[@]}"
