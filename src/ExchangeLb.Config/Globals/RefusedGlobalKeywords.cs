using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using static ExchangeLb.Config.Keywords.Support;

namespace ExchangeLb.Config.Globals;

/// <summary>
/// Keywords of `global` that HAProxy 2.6 knows and we don't run. Tuning and TLS defaults are accepted, since an ordinary file carries them
/// without meaning anything by it; what would change how traffic is handled is refused.
/// </summary>
internal static class RefusedGlobalKeywords
{
    public static IEnumerable<Keyword<GlobalDraft>> Rows() =>
    [
        .. Rows(NoEffect, "TLS is passed through, not terminated", "ca-base", "crt-base", "issuers-chain-path", "maxsslconn",
            "maxsslrate", "ssl-default-bind-ciphers", "ssl-default-bind-ciphersuites", "ssl-default-bind-curves",
            "ssl-default-bind-options", "ssl-default-server-ciphers", "ssl-default-server-ciphersuites", "ssl-default-server-options",
            "ssl-dh-param-file", "ssl-engine", "ssl-load-extra-del-ext", "ssl-load-extra-files", "ssl-mode-async", "ssl-propquery",
            "ssl-provider", "ssl-provider-path", "ssl-server-verify", "ssl-skip-self-issued-ca", "tune.ssl.cachesize",
            "tune.ssl.capture-buffer-size", "tune.ssl.default-dh-param", "tune.ssl.force-private-cache", "tune.ssl.hard-maxrecord",
            "tune.ssl.keylog", "tune.ssl.lifetime", "tune.ssl.maxrecord", "tune.ssl.ssl-ctx-cache-size"),
        .. Rows(NoEffect, "TLS is passed through: remove it",
            "tune.ssl.capture-cipherlist-size").Select(row => row with { Deprecated = true }),
        .. Rows(NoEffect, "only HTTP would use it", "h1-accept-payload-with-any-method", "h1-case-adjust", "h1-case-adjust-file",
            "h2-workaround-bogus-websocket-clients", "httpclient.resolvers.id", "httpclient.resolvers.prefer", "httpclient.ssl.ca-file",
            "httpclient.ssl.verify", "maxcompcpuusage", "maxcomprate", "maxzlibmem", "tune.comp.maxlevel", "tune.h2.header-table-size",
            "tune.h2.initial-window-size", "tune.h2.max-concurrent-streams", "tune.h2.max-frame-size", "tune.http.cookielen",
            "tune.http.logurilen", "tune.http.maxhdr", "tune.idle-pool.shared", "tune.idletimer", "tune.pool-high-fd-ratio",
            "tune.pool-low-fd-ratio", "tune.zlib.memlevel", "tune.zlib.windowsize"),
        .. Rows(NoEffect, "the event loop tunes itself", "busy-polling", "cpu-map", "maxpipes", "no-memory-trimming", "noepoll",
            "noevports", "nogetaddrinfo", "nokqueue", "nopoll", "noreuseport", "nosplice", "numa-cpu-mapping", "profiling.memory",
            "profiling.tasks", "thread-group", "thread-groups", "tune.buffers.limit", "tune.buffers.reserve", "tune.bufsize",
            "tune.chksize", "tune.fail-alloc", "tune.fd.edge-triggered", "tune.listener.multi-queue", "tune.maxaccept",
            "tune.maxpollevents", "tune.maxrewrite", "tune.pattern.cache-size", "tune.peers.max-updates-at-once", "tune.pipesize",
            "tune.quic.frontend.conn-tx-buffers.limit", "tune.quic.frontend.max-idle-timeout", "tune.quic.frontend.max-streams-bidi",
            "tune.quic.retry-threshold", "tune.recv_enough", "tune.runqueue-depth",
            "tune.sched.low-latency", "tune.vars.check-max-size", "tune.vars.global-max-size",
            "tune.vars.proc-max-size", "tune.vars.reqres-max-size", "tune.vars.sess-max-size", "tune.vars.txn-max-size"),
        .. Rows(NoEffect, "no scripts are run", "lua-prepend-path", "tune.lua.forced-yield", "tune.lua.maxmem",
            "tune.lua.service-timeout", "tune.lua.session-timeout", "tune.lua.task-timeout"),
        .. Rows(NoEffect, "the process is alone; systemd starts and limits it", "expose-experimental-directives", "fd-hard-limit",
            "insecure-fork-wanted", "insecure-setuid-wanted", "master-worker", "mworker-max-reloads", "set-dumpable",
            "stats bind-process", "unix-bind"),
        .. Rows(NoEffect, "the cluster is in cluster.cfg", "cluster-secret", "localpeer", "pp2-never-send-local"),
        .. Rows(NoEffect, "states are not kept in files", "server-state-base", "server-state-file"),
        .. Rows(NoEffect, "checks are spread by their own interval", "max-spread-checks"),
        .. Rows(NoEffect, "a soft stop waits for the sessions", "close-spread-time", "grace"),
        .. Rows(Refused, "limit the rate by nftables, or the number by 'maxconn'", "maxconnrate", "maxsessrate"),
        .. Rows(Refused, "write absolute paths", "default-path"),
        .. Rows(Refused, "no programs are run for checks: remove it", "external-check"),
        .. Rows(Refused, "no scripts are run: remove it", "lua-load", "lua-load-per-thread"),
        .. Rows(Refused, "variables of this kind are not known: write 'setenv'", "set-var", "set-var-fmt"),
        .. Rows(Refused, "remove it", "51degrees-cache-size", "51degrees-data-file", "51degrees-property-name-list",
            "51degrees-property-separator", "deviceatlas-json-file", "deviceatlas-log-level", "deviceatlas-properties-cookie",
            "deviceatlas-separator", "wurfl-cache-size", "wurfl-data-file", "wurfl-engine-mode", "wurfl-information-list",
            "wurfl-information-list-separator", "wurfl-patch-file", "wurfl-useragent-priority"),
        .. Rows(Removed, "write 'nbthread'", "nbproc"),
    ];

    private static IEnumerable<Keyword<GlobalDraft>> Rows(Support support, string reason, params string[] names) =>
        names.Select(name => new Keyword<GlobalDraft>(name, SectionKinds.Global, support, reason, null)
        {
            Negatable = name is "busy-polling" or "insecure-fork-wanted" or "numa-cpu-mapping" or "set-dumpable",
        });
}
