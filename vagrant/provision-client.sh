#!/bin/sh
# provision-client.sh NAME FOLDER   makes this host a client: names for the virtual IP, as DNS would have them, the authority of the servers' certificate
# (ca.crt in FOLDER), and exchange-check, which tries every protocol.
set -eu
files=$2
# shellcheck source=vagrant/provision.sh
. "$files/provision.sh"

if has apt-get; then install_packages curl ca-certificates; else install_packages curl; fi
install -Dm644 "$files/ca.crt" /etc/exchange-stand-in/ca.crt
grep -q mail.vcloudlab.local /etc/hosts || echo "192.168.200.25 mail.vcloudlab.local autodiscover.vcloudlab.local" >>/etc/hosts

cat >/usr/local/bin/exchange-check <<'END'
#!/bin/sh
# exchange-check   asks for healthcheck.htm of each virtual directory, sends a message, and reads it by IMAP and by POP; ends with 0 when all was well.
site=mail.vcloudlab.local
ask() { curl --silent --show-error --fail --noproxy '*' --max-time 20 --cacert /etc/exchange-stand-in/ca.crt "$@"; }
failed=0
report() { if [ -n "$2" ]; then echo "$1: $2"; else echo "$1: no answer"; failed=1; fi; }

for directory in Autodiscover ecp EWS mapi Microsoft-Server-ActiveSync OAB owa PowerShell Rpc; do
    report "https /$directory" "$(ask "https://$site/$directory/healthcheck.htm" | sed 's/<br\/>/ /')"
done
for port in 25 587; do
    message=$(printf 'Subject: by port %s\r\n\r\nTrial.\r\n' $port | ask --ssl-reqd --mail-from client@vcloudlab.local --mail-rcpt user@vcloudlab.local --upload-file - \
        "smtp://$site:$port" && echo "a message was taken")
    report "smtp, port $port" "$message"
done
report imaps "$(ask --user user:trial "imaps://$site/" | grep -m 1 INBOX)"
report pop3s "$(ask --user user:trial "pop3s://$site/" >/dev/null && echo "the mailbox was listed")"
exit $failed
END
chmod 755 /usr/local/bin/exchange-check
say "the client is ready: exchange-check"
