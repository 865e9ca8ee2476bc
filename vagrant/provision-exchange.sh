#!/bin/sh
# provision-exchange.sh NAME FOLDER   makes this host a stand-in for an Exchange server: TLS with healthcheck.htm in each virtual directory (nginx), SMTP
# (Postfix), IMAP and POP (Dovecot). FOLDER has exchange.nginx.conf, mail.crt and mail.key, which both servers share.
set -eu
name=$1 files=$2
# shellcheck source=vagrant/provision.sh
. "$files/provision.sh"
readonly own=/etc/exchange-stand-in domain=vcloudlab.local mailbox=user

if has apt-get; then install_packages nginx-light postfix dovecot-imapd dovecot-pop3d; else install_packages nginx postfix dovecot; fi

mkdir -p $own /var/lib/exchange-stand-in
install -m 644 "$files/mail.crt" $own/mail.crt
install -m 600 "$files/mail.key" $own/mail.key
rm -f "$files/mail.key"

# The unit of the distribution starts nginx as a daemon, and looks for its pid there.
sed "/^daemon off;/d; s|STATE/NAME.nginx.pid|/run/nginx.pid|; s|STATE/mail|$own/mail|g; s|STATE|/var/lib/exchange-stand-in|g; s|NAME|$name|g" \
    "$files/exchange.nginx.conf" >/etc/nginx/nginx.conf

id $mailbox >/dev/null 2>&1 || useradd --create-home --shell /usr/sbin/nologin $mailbox
postconf -e "myhostname = $name.$domain" "mydestination = $domain, $name.$domain, localhost" "inet_interfaces = all" "inet_protocols = ipv4" \
    "mynetworks = 127.0.0.0/8 192.168.200.0/24" "smtpd_banner = $name.$domain Microsoft ESMTP MAIL Service stand-in" "smtpd_tls_security_level = may" \
    "smtpd_tls_cert_file = $own/mail.crt" "smtpd_tls_key_file = $own/mail.key" "home_mailbox = Maildir/" "smtputf8_enable = no"
postconf -M "submission/inet=submission inet n - y - - smtpd"

cat >/etc/dovecot/dovecot.conf <<END
protocols = imap pop3
listen = *
login_greeting = The $name stand-in is ready.
ssl = required
ssl_cert = <$own/mail.crt
ssl_key = <$own/mail.key
mail_location = maildir:~/Maildir
log_path = /var/log/dovecot.log
passdb {
  driver = static
  args = password=trial
}
userdb {
  driver = passwd
}
END

start nginx postfix dovecot
say "$name is ready"
