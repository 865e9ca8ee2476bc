#!/bin/sh
# One new TLS connection after the other through the virtual IP, each given 0.3 s; says who answers, when answers stop, and when they are back.
set -u
site=mail.vcloudlab.local vip=192.168.200.25

now() { date +%s%3N; }
clock() { date +%H:%M:%S.%3N; }
ask() {
    curl --silent --fail --noproxy '*' --connect-timeout 0.3 --max-time 1 --cacert /certificates/ca.crt --resolve "$site:443:$vip" \
        "https://$site/owa/healthcheck.htm" 2>/dev/null
}

answered=0 last="" lost=""
while :; do
    began=$(now)
    if answer=$(ask); then
        answered=$((answered + 1))
        answer=${answer##*>}
        if [ -n "$lost" ]; then
            echo "$(clock) $answer answers again; there was no answer for $(($(now) - lost)) ms"
        elif [ "$answer" != "$last" ]; then
            echo "$(clock) $answer answers"
        elif [ $((answered % 200)) -eq 0 ]; then
            echo "$(clock) $answered answers"
        fi
        lost="" last=$answer
    elif [ -z "$lost" ]; then
        lost=$began
        echo "$(clock) no answer"
    fi
    sleep 0.05
done
