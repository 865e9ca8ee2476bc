#!/usr/bin/env bash
# What replication costs, without the engine that carries its messages: a write at the publisher, updates a second from publish to merge, CPU at
# 100,000 updates a second, teaching 100,000 and 1,000,000 entries, memory. See README.md beside it.
#
#   tests/bench/replication.sh [--quick]
set -euo pipefail
readonly here=$(cd "$(dirname "$0")" && pwd)
. "$here/../need.sh"

case ${1:-} in
    -h | --help) sed -n '2,/^set /{s/^# \{0,1\}//p}' "$0"; exit 0 ;;
esac
need_dotnet
dotnet build -c Release -v q --nologo "$here/ExchangeLb.ReplicationBench" >&2
exec dotnet "$here/ExchangeLb.ReplicationBench/bin/Release/net10.0/ExchangeLb.ReplicationBench.dll" "$@"
