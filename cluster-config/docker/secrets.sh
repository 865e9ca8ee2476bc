#!/bin/sh
# secrets.sh [FOLDER FOLDER]   makes, once, what the machines of a trial share: the key of the pair in the first folder, the servers' certificate in the second.
set -eu
umask 077
secrets=${1:-/secrets} certificates=${2:-/certificates}
mkdir -p "$secrets" "$certificates"

if [ ! -s "$secrets/cluster.key" ]; then
    head -c 256 /dev/urandom >"$secrets/cluster.key.new"
    mv "$secrets/cluster.key.new" "$secrets/cluster.key"
    echo "made the key of the pair"
fi

cd "$certificates"
if [ ! -s mail.crt ]; then
    exec 3>&2 2>openssl.log
    trap 'cat openssl.log >&3' EXIT
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=ExchangeLb trial CA" -keyout ca.key -out ca.crt
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=mail.vcloudlab.local" -keyout mail.key -out mail.csr
    echo "subjectAltName=DNS:mail.vcloudlab.local,DNS:autodiscover.vcloudlab.local" >mail.ext
    openssl x509 -req -in mail.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile mail.ext -out mail.crt
    trap - EXIT
    exec 2>&3
    rm -f mail.csr mail.ext openssl.log
    chmod 644 ca.crt mail.crt
    echo "made the servers' certificate"
fi
