# shellcheck shell=bash
# Sourced by tests/run.sh and vagrant/lab.sh: find the .NET SDK, install what is missing from Debian, say each thing once.

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

is_root() { [ "$(id -u)" -eq 0 ]; }

# sudo drops the PATH that an SDK unpacked in a home directory needs, so the usual places are looked at too.
need_dotnet() {
    local user_home="" place
    [ -n "${SUDO_USER:-}" ] && user_home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
    for place in "" "${DOTNET_ROOT:-}" /usr/share/dotnet /usr/lib/dotnet /usr/local/dotnet "$user_home/.dotnet" "${HOME:-/root}/.dotnet"; do
        [ -n "$place" ] && PATH=$place:$PATH
        command -v dotnet >/dev/null 2>&1 && break
    done
    command -v dotnet >/dev/null 2>&1 || die "no dotnet command: install the .NET 10 SDK first (package dotnet-sdk-10.0)"
    dotnet --list-sdks 2>/dev/null | grep '^10\.' >/dev/null || die "dotnet is here, but no SDK 10 (dotnet --list-sdks): install dotnet-sdk-10.0"
    export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
    # No compiler or MSBuild process stays behind after we end.
    export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDTERMINALLOGGER=off
}

# need_commands COMMAND:PACKAGE ...   installs the packages of the commands that are not there.
need_commands() {
    local pair missing=() packages=()
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || { missing+=("${pair%%:*}"); packages+=("${pair#*:}"); }
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    is_root || die "missing: ${missing[*]}; run as root, or install: ${packages[*]}"
    command -v apt-get >/dev/null 2>&1 || die "missing: ${missing[*]}; there is no apt-get here to install ${packages[*]}"
    say "installing ${packages[*]} (apt-get)"
    install_quietly "${packages[@]}" || die "apt-get could not install ${packages[*]}: see above"
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || die "${pair#*:} is installed, but there is still no ${pair%%:*}"
    done
}

# Debian starts a daemon when its package is installed. We want the programs only: nothing may begin to listen on this host.
install_quietly() {
    local log status=0 package policy=/usr/sbin/policy-rc.d guarded=""
    log=$(mktemp)
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy && guarded=yes
    fi
    apt_get install "$@" >"$log" 2>&1 || { apt_get update >"$log" 2>&1 && apt_get install "$@" >"$log" 2>&1; } || status=$?
    [ -n "$guarded" ] && rm -f $policy
    [ $status -eq 0 ] || tail -n 20 "$log" >&2
    rm -f "$log"
    for package in "$@"; do
        case $package in
            nginx-light) disable_unit nginx ;;
            haproxy | keepalived | corosync) disable_unit "$package" ;;
        esac
    done
    return $status
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends "$@" </dev/null; }

disable_unit() {
    if [ -d /run/systemd/system ]; then systemctl disable --quiet "$1" 2>/dev/null || true; fi
}
