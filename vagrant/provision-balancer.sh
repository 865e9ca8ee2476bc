#!/bin/sh
# provision-balancer.sh NODE FOLDER   installs the package and makes this host a node of the pair, as an administrator would. FOLDER has the package,
# haproxy.cfg, cluster.cfg and the cluster's key.
set -eu
node=$1 files=$2
# shellcheck source=vagrant/provision.sh
. "$files/provision.sh"

if has apt-get; then
    package=$(find "$files" -name 'exchangelb_*_amd64.deb' | sort -V | tail -n 1)
else
    package=$(find "$files" -name 'exchangelb-*.x86_64.rpm' | sort -V | tail -n 1)
    dnf -q config-manager --set-enabled highavailability 2>/dev/null || true    # Corosync's repository
fi
[ -n "$package" ] || die "$files holds no package for this system: src/package/build.sh makes it"
install_packages "$package"
# Debian starts its own Corosync when that is installed; ours has a unit and a file of its own.
if [ -d /run/systemd/system ]; then systemctl disable -q --now corosync 2>/dev/null || true; fi

# A machine's first device is often the hypervisor's own: the virtual IP goes to the one that has this node's first address.
address=$(sed -n "s/^ *node $node \([0-9.]*\).*/\1/p" "$files/cluster.cfg")
[ -n "$address" ] || die "cluster.cfg has no node $node"
device=$(ip -o -4 address show to "$address" | awk '{ print $2; exit }')
[ -n "$device" ] || die "this host has no address $address, which cluster.cfg gives to $node"
install -m 644 "$files/haproxy.cfg" /etc/exchangelb/haproxy.cfg
sed "s/ dev [^ ]*/ dev $device/" "$files/cluster.cfg" >/etc/exchangelb/cluster.cfg
chmod 644 /etc/exchangelb/cluster.cfg

if has firewall-cmd && firewall-cmd --state >/dev/null 2>&1; then
    firewall-cmd -q --permanent --add-service=http --add-service=https --add-service=smtp --add-service=smtp-submission --add-service=imaps --add-service=pop3s
    firewall-cmd -q --permanent --add-port=5405-5406/udp --add-port=5405/tcp
    firewall-cmd -q --reload
fi

exchangelb cluster-setup --node "$node" --key "$files/cluster.key"
rm -f "$files/cluster.key"
start exchangelb.service
say "$node is ready"
