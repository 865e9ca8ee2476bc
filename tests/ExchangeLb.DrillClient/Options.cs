using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ExchangeLb.DrillClient.Streams;

namespace ExchangeLb.DrillClient;

/// <summary>The command line: pairs of name and value.</summary>
internal sealed record Options
{
    internal const string Usage = """
        drillclient --service ADDRESS:PORT --sources FIRST[-LAST][,…] --certificate FILE   new TLS connections, each from the next source address
                    [--interval MS] [--timeout MS] [--ready-within S] [--log FILE]
                    [--chatting N] [--quiet N]                         connections that live long
                    [--namespace NAME --bridge DEVICE --nodes lb1=MAC,lb2=MAC]   watch the wire there
                    [--processes PATH]                 tell how long processes with this path in their command line waited for a processor
        drillclient --service ADDRESS:PORT --fill N --sources FIRST    one plain connection from each of N addresses, to fill a stick table
        drillclient --stream-server PORT --certificate FILE --key FILE                  the servers' end of streams, on three ports
        drillclient --streams N --service ADDRESS:PORT --sources FIRST[-LAST]          N streams of all kinds, until "end"
                    [--kind Idle|…|SlowDownload] [--log FILE]          of one kind only; when each last worked, and was known to have ended
        drillclient --report FILE                                                      the table of a record, against the marks
        """;

    internal IPEndPoint Service { get; init; } = new(IPAddress.None, 0);
    internal IReadOnlyList<IPAddress> Sources { get; init; } = [];
    internal string? Report { get; init; }
    internal int StreamServer { get; init; }
    internal int Streams { get; init; }

    /// <summary>Of all streams; null: some of each kind.</summary>
    internal StreamKind? Kind { get; init; }
    internal string CertificateFile { get; init; } = "";
    internal string KeyFile { get; init; } = "";

    /// <summary>What the servers must show, DER.</summary>
    internal byte[] Certificate { get; init; } = [];
    internal string Site { get; init; } = "mail.vcloudlab.local";
    internal TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>A probe's connection stays open so long after its answer; zero: the server ends it with the answer.</summary>
    internal TimeSpan Stay { get; init; }
    internal TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);
    internal TimeSpan ReadyWithin { get; init; } = TimeSpan.FromSeconds(20);
    internal int Chatting { get; init; }
    internal int Quiet { get; init; }
    internal int Fill { get; init; }
    internal string? Log { get; init; }
    internal string? Processes { get; init; }
    internal string? Namespace { get; init; }
    internal string? Bridge { get; init; }

    /// <summary>Name and hardware address, as it is written in /sys/class/net/eth0/address.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Nodes { get; init; } = [];

    /// <returns>false: <paramref name="wrong"/> says what is.</returns>
    internal static bool TryRead(string[] arguments, out Options? options, out string wrong)
    {
        options = null;
        wrong = "";
        Dictionary<string, string> given = new(StringComparer.Ordinal);
        for (int at = 0; at + 1 < arguments.Length; at += 2) { given[arguments[at]] = arguments[at + 1]; }
        try
        {
            if (given.TryGetValue("--report", out string? record))
            {
                options = new Options { Report = record };
                return true;
            }
            if (given.TryGetValue("--stream-server", out string? port))
            {
                options = new Options { StreamServer = int.Parse(port, CultureInfo.InvariantCulture), CertificateFile = given["--certificate"], KeyFile = given["--key"] };
                return true;
            }
            options = new Options
            {
                Streams = Number(given, "--streams", 0),
                Kind = given.TryGetValue("--kind", out string? kind) ? Enum.Parse<StreamKind>(kind) : null,
                Service = IPEndPoint.Parse(given["--service"]),
                Sources = [.. SourcesOf(given["--sources"])],
                Certificate = given.TryGetValue("--certificate", out string? file) ? X509Certificate2.CreateFromPem(File.ReadAllText(file)).RawData : [],
                Interval = Milliseconds(given, "--interval", 10),
                Stay = Milliseconds(given, "--stay", 0),
                Timeout = Milliseconds(given, "--timeout", 2000),
                ReadyWithin = Milliseconds(given, "--ready-within", 20) * 1000,
                Chatting = Number(given, "--chatting", 0),
                Quiet = Number(given, "--quiet", 0),
                Fill = Number(given, "--fill", 0),
                Log = given.GetValueOrDefault("--log"),
                Processes = given.GetValueOrDefault("--processes"),
                Namespace = given.GetValueOrDefault("--namespace"),
                Bridge = given.GetValueOrDefault("--bridge"),
                Nodes = [.. given.GetValueOrDefault("--nodes", "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(NodeOf)],
            };
            return true;
        }
        catch (Exception exception) when (exception is KeyNotFoundException or IOException or ArgumentException or CryptographicException or FormatException or OverflowException)
        {
            wrong = exception.Message;
            return false;
        }
    }

    /// <summary>"192.168.200.110-116", one address, or several with commas between them.</summary>
    private static IEnumerable<IPAddress> SourcesOf(string text) => text.Split(',').SelectMany(RangeOf);

    private static IEnumerable<IPAddress> RangeOf(string text)
    {
        string[] ends = text.Split('-');
        byte[] bytes = IPAddress.Parse(ends[0]).GetAddressBytes();
        byte last = ends.Length == 1 ? bytes[^1] : byte.Parse(ends[1], CultureInfo.InvariantCulture);
        for (int value = bytes[^1]; value <= last; value++)
        {
            bytes[^1] = (byte)value;
            yield return new IPAddress(bytes);
        }
    }

    private static KeyValuePair<string, string> NodeOf(string text) =>
        text.Split('=') is [var name, var address] ? new(name, address) : throw new FormatException($"'{text}' is not NAME=MAC");

    private static int Number(Dictionary<string, string> given, string name, int otherwise) =>
        given.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static TimeSpan Milliseconds(Dictionary<string, string> given, string name, int otherwise) => TimeSpan.FromMilliseconds(Number(given, name, otherwise));
}
