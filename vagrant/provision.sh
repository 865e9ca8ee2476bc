# shellcheck shell=sh
# Sourced by the provisioning scripts: packages and units, on Debian and on RHEL-like systems.

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

has() { command -v "$1" >/dev/null 2>&1; }

# install_packages PACKAGE...   a path is a package's file. The lists are fetched only when the packages can't be found without. A machine that has just booted may be
# at its own daily run of apt: its lock is waited for.
install_packages() {
    if has apt-get; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" >/dev/null || { apt-get -qq update && apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" >/dev/null; } ||
            die "apt-get could not install $*: see above"
    elif has dnf; then
        dnf -q -y install "$@" || die "dnf could not install $*: see above"
    else
        die "neither apt-get nor dnf is here"
    fi
}

# start UNIT...   now and at each boot. Where systemd does not run (a chroot) whoever calls starts the daemons.
start() {
    [ -d /run/systemd/system ] || return 0
    if ! systemctl enable -q "$@" || ! systemctl restart "$@"; then die "$* did not start: journalctl -u $1 -n 20"; fi
}
