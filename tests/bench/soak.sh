#!/usr/bin/env bash
# Some hundred thousand connections of mixed kinds through one proxy; fails when a connection fails, or when descriptors or memory do not come
# back (the bounds are printed). See README.md beside it.
#
#   sudo tests/bench/soak.sh [N] [--binary PATH] [--threads 2] [--seed S]        N: connections, default 300000
set -euo pipefail
readonly here=$(cd "$(dirname "$0")" && pwd)
. "$here/inside.sh"

options=(--threads 2) binary=""
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) sed -n '2,/^set /{s/^# \{0,1\}//p}' "$0"; exit 0 ;;
        --binary) binary=${2:?--binary needs a path}; shift ;;
        --*) options+=("$1" "${2:?$1 needs a value}"); shift ;;
        *) options+=(--connections "$1") ;;
    esac
    shift
done
measure_inside soak "$binary" "${options[@]}"
