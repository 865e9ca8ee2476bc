# shellcheck shell=bash
# A node that comes from the rpm, beside one from the .deb. Sourced by run.sh.

install_rpm_on() {
    cp "$rpm" "$state/host-$1/tree/srv/node.rpm"
    in_host "$1" rpm --force-debian -i --nodeps /srv/node.rpm && nothing_runs "$1" && ! in_host "$1" dpkg-query -W exchangelb
}

# joins_from_rpm HOST OTHER   with the configuration and the key of a node that serves.
joins_from_rpm() {
    local name etc=/etc/exchangelb tree=$state/host-$1/tree other=$state/host-$2/tree
    for name in cluster.cfg haproxy.cfg; do cat "$other$etc/$name" >"$tree$etc/$name"; done
    in_host "$1" exchangelb cluster-setup --key - --start <"$other$etc/cluster.key" && wait_for 300 failover_would_work &&
        ! in_host "$1" rpm -V --nodeps exchangelb | grep -v ' c /etc/exchangelb/' && runs_what_is_installed "$1" exchangelb && runs_what_is_installed "$1" exchangelb-guard
}

# The .deb's node loses its balancer, which systemd starts again.
rpm_takes_over() {
    [ "$(owner)" = lb2 ] && in_host lb2 systemctl kill --kill-whom=main -s KILL exchangelb && wait_for 100 answers_from lb1 && sleep 1
}

# It owns the address when it is removed.
rpm_is_erased() {
    local etc=$state/host-$1/tree/etc/exchangelb
    in_host "$1" rpm --force-debian -e --nodeps exchangelb && wait_for 50 nothing_is_active "$1" || return 1
    ls "$etc"
    in_host "$1" systemctl is-enabled exchangelb 2>/dev/null && return 1
    [ ! -e "$state/host-$1/tree/usr/sbin/exchangelb" ] && [ -s "$etc/cluster.key" ] && grep 'lease 1s' "$etc/cluster.cfg.rpmsave" &&
        [ -z "$(in_host "$1" pgrep -u exchangelb)" ] && [ -z "$(inside "$1" nft list tables)" ]
}
