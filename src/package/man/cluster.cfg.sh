#!/usr/bin/env bash
# Prints cluster.cfg(5). Its words are those of cluster-config/README.md, which a test holds equal to what the program reads.
set -euo pipefail
cd "$(dirname "$0")/../../.."
readonly version=$1

escape='s/\\/\\e/g; s/-/\\-/g; s/…/.../g; s/`\([^`]*\)`/\\fB\1\\fR/g'

words() {
    awk '/<!-- keywords:begin -->/ { on = 1; next } /<!-- keywords:end -->/ { on = 0 } on' cluster-config/README.md | sed -E "s/\\\\\|/|/g" | sed "$escape" |
        awk '
            /^### / { sub(/^### /, ""); print ".SS " $0; next }
            /^\| keyword / || /^\| \\-\\-\\- / || /^<\/?details/ { next }
            /^\| / { sub(/^\| /, ""); sub(/ \|$/, ""); split_at = index($0, " | "); print ".TP\n" substr($0, 1, split_at - 1) "\n" substr($0, split_at + 3); next }
            /^Refused by name/ { print ".PP\n" $0 }'
}

cat <<END
.TH CLUSTER.CFG 5 "" "ExchangeLb $version" "File formats"
.SH NAME
cluster.cfg \\- the nodes of an ExchangeLb cluster, and what they own
.SH DESCRIPTION
The file says what haproxy.cfg can not: which nodes there are, and which addresses move between them. It is the same on every node. It has
HAProxy's syntax: words, quotes, comments, variables and times as in haproxy.cfg. Words that are not known are refused, with the nearest one.
.PP
Which of the nodes a host is: the one that \\fB\\-\\-node\\fR names, else the one that bears the host's name, else the one that has an address of this host.
.SH EXAMPLE
.nf
$(sed 's/\\/\\e/g; s/-/\\-/g; s/^\./\\\&./' cluster-config/cluster.cfg)
.fi
.SH WORDS
$(words)
.SH FILES
.TP
.I /etc/exchangelb/cluster.cfg
read by the units of the package
.TP
.I /etc/exchangelb/cluster.key
the key, root's alone; \\fBexchangelb cluster\\-setup\\fR makes it
.SH SEE ALSO
.BR exchangelb (8),
.BR corosync.conf (5),
.BR haproxy (1)
END
