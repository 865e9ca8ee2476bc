# Three images of one file; docker-compose.yml uses them all.
#
#   docker build -t exchangelb .                            a balancer: the program and what it needs from Debian
#   docker build --target exchange -t exchangelb-trial .    a stand-in for a server, and what makes key and certificates
#   docker build --target client -t exchangelb-client .     a client that says when answers stop
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG DEBIAN=debian:12-slim

FROM ${DEBIAN} AS exchange
RUN apt-get update \
    && apt-get install -y --no-install-recommends nginx-light openssl \
    && rm -rf /var/lib/apt/lists/*
COPY vagrant/lab/exchange.nginx.conf cluster-config/docker/exchange.sh cluster-config/docker/secrets.sh /exchange/
ENTRYPOINT ["/bin/sh", "/exchange/exchange.sh"]

FROM ${DEBIAN} AS client
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/*
COPY cluster-config/docker/client.sh /client/
ENTRYPOINT ["/bin/sh", "/client/client.sh"]

FROM ${SDK} AS build
WORKDIR /source
COPY .editorconfig Directory.Build.props Directory.Packages.props ./
COPY src src
RUN dotnet publish src/ExchangeLb -c Release -o /publish

# Everything the program starts or loads: Corosync with its client libraries, libnftables.
FROM ${DEBIAN} AS exchangelb
RUN apt-get update \
    && apt-get install -y --no-install-recommends corosync libnftables1 \
    && rm -rf /var/lib/apt/lists/* /etc/corosync/corosync.conf
COPY --from=build /publish/exchangelb /usr/sbin/exchangelb
COPY cluster-config /etc/exchangelb
ENTRYPOINT ["/usr/sbin/exchangelb"]
CMD ["-f", "/etc/exchangelb/haproxy.cfg"]
