using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;

namespace ExchangeLb.Config;

/// <summary>What the reader asks of the host; tests answer in its place.</summary>
public sealed record ReaderOptions
{
    /// <summary>Value of an environment variable; null: it does not exist.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>
    /// Addresses of a host name in order of preference, none when unknown. Asked once, while reading, as HAProxy does by libc. The default
    /// is the C library's resolver (files, DNS: nsswitch.conf), which may take seconds.
    /// </summary>
    public Func<string, IReadOnlyList<IPAddress>> Resolve { get; init; } = ResolveByLibc;

    /// <summary>Content of a file that the configuration names (`acl … -f`); null: it can't be read.</summary>
    public Func<string, string?> ReadTextFile { get; init; } = ReadFile;

    /// <summary>Numeric id of a user (`user`, `uid` of a stats socket); null: unknown.</summary>
    public Func<string, int?> UserId { get; init; } = name => Values.PasswordFile.Find("/etc/passwd", name);

    /// <summary>Numeric id of a group; null: unknown.</summary>
    public Func<string, int?> GroupId { get; init; } = name => Values.PasswordFile.Find("/etc/group", name);

    /// <summary>Name of this host: `log-send-hostname` without a name.</summary>
    public string HostName { get; init; } = System.Environment.MachineName;

    /// <summary>HAPROXY_LOCALPEER (-L); null: the host name.</summary>
    public string? LocalPeer { get; init; }

    /// <summary>A cluster.cfg is run beside the file: what is said of a `peers` section depends on it.</summary>
    public bool HasCluster { get; init; }

    /// <summary>What is wrong with a cluster's `key-file`, with the remedy; null: nothing. By default nobody looks: only the host that uses the key has it.</summary>
    public Func<string, string?> KeyFileProblem { get; init; } = _ => null;

    private static IReadOnlyList<IPAddress> ResolveByLibc(string name)
    {
        try
        {
            return Dns.GetHostAddresses(name);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return [];
        }
    }

    private static string? ReadFile(string path)
    {
        try
        {
            return System.IO.File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is System.IO.IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
