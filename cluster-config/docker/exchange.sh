#!/bin/sh
# A stand-in for an Exchange server: the lab's nginx, with the name of this container.
set -eu
state=/run/exchange
mkdir -p $state
cp /certificates/mail.crt /certificates/mail.key $state/
sed "s|STATE|$state|g; s|NAME|$(hostname)|g" /exchange/exchange.nginx.conf >$state/nginx.conf
exec nginx -c $state/nginx.conf -e /dev/stderr
