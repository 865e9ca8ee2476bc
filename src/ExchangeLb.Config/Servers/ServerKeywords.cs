using System;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Values;
using static ExchangeLb.Config.Keywords.Support;

namespace ExchangeLb.Config.Servers;

/// <summary>
/// The options of `server` and `default-server` that are run (configuration.txt, 5.2); the others: <see cref="RefusedServerKeywords"/>.
/// </summary>
internal static class ServerKeywords
{
    public static KeywordTable<ServerSettings> Table { get; } = new(Supported(), RefusedServerKeywords.Rows());

    private static Keyword<ServerSettings>[] Supported() =>
    [
        Option("addr", "<address>", "where checks go, in place of the server's address", CheckAddress),
        Option("backup", "", "used only when no other server is usable", (server, _) => server.Backup = true),
        Option("no-backup", "", "undoes `backup`", (server, _) => server.Backup = false),
        Option("check", "", "the server's health is checked", (server, _) => server.Check = true),
        Option("no-check", "", "undoes `check`", (server, _) => server.Check = false),
        Option("disabled", "", "starts in maintenance", (server, _) => server.Disabled = true),
        Option("enabled", "", "undoes `disabled`", (server, _) => server.Disabled = false),
        Option("downinter", "<time>", "time between checks while down",
            (server, line) => server.DownInter = Interval(line) ?? server.DownInter),
        Option("fall", "<n>", "failed checks until it is down",
            (server, line) => server.Fall = Integer(line, 1, int.MaxValue) ?? server.Fall),
        Option("fastinter", "<time>", "time between checks while in doubt",
            (server, line) => server.FastInter = Interval(line) ?? server.FastInter),
        Option("id", "<n>", "server id shown by the statistics", (server, line) => server.Id = Integer(line, 1, int.MaxValue) ?? 0),
        Option("inter", "<time>", "time between checks", (server, line) => server.Inter = Interval(line) ?? server.Inter),
        Option("maxconn", "<n>", "concurrent connections; more wait in the queue",
            (server, line) => server.MaxConn = Integer(line, 0, int.MaxValue) ?? 0),
        Option("maxqueue", "<n>", "sessions that may wait for this very server",
            (server, line) => server.MaxQueue = Integer(line, 0, int.MaxValue) ?? 0),
        Option("on-marked-down", "shutdown-sessions", "its sessions are closed when it goes down", MarkedDown),
        Option("on-marked-up", "shutdown-backup-sessions", "sessions on backup servers are closed when it comes up", MarkedUp),
        Option("port", "<port>", "where checks go, in place of the server's port",
            (server, line) => server.CheckPort = Integer(line, 1, 65_535) ?? 0),
        Option("rise", "<n>", "passed checks until it is up",
            (server, line) => server.Rise = Integer(line, 1, int.MaxValue) ?? server.Rise),
        Option("source", "<address>[:<port>]", "local address of connections to it", SourceAddress),
        Option("stick", "", "clients may be stuck to it (default)", (_, _) => { }),
        Option("weight", "<0..256>", "share of the load", (server, line) => server.Weight = Integer(line, 0, 256) ?? server.Weight),
    ];

    private static Keyword<ServerSettings> Option(string name, string syntax, string description, Action<ServerSettings, Arguments> parse)
    {
        int count = syntax.Length == 0 ? 0 : 1;
        return new(name, SectionKinds.BackSide | SectionKinds.Defaults, Run, description, parse)
        {
            MinArguments = count,
            MaxArguments = count,
            Syntax = syntax,
        };
    }

    private static int? Integer(Arguments line, int low, int high) => line.TryInteger(low, high, out int value) ? value : null;

    private static TimeSpan? Interval(Arguments line)
    {
        if (!line.TryTime(out TimeSpan value))
        {
            return null;
        }
        if (value <= TimeSpan.Zero)
        {
            line.Alert("can't be 0", "write a time of 1 ms or more");
            return null;
        }
        return value;
    }

    private static void CheckAddress(ServerSettings server, Arguments line)
    {
        string text = line.Take();
        string? problem = AddressText.TryCut(text, out AddressText cut);
        if (problem is null && cut is { Kind: AddressTextKind.Ip, Port: PortKind.None or PortKind.Fixed } && cut.LowPort == cut.HighPort)
        {
            server.CheckAddress = cut.Resolve(line.Context.Options.Resolve);
            server.CheckPort = cut.LowPort == 0 ? server.CheckPort : cut.LowPort;
            problem = server.CheckAddress is null ? $"has a host name that is not known: '{cut.Host}'" : null;
        }
        else
        {
            problem ??= $"takes an IP address, not '{text}'";
        }
        if (problem is not null)
        {
            line.Alert(problem, "write the address that checks shall go to");
        }
    }

    private static void SourceAddress(ServerSettings server, Arguments line) =>
        server.Source = SourceAddressText.Read(line) ?? server.Source;

    private static void MarkedDown(ServerSettings server, Arguments line) =>
        server.ShutdownSessionsWhenDown = Expect(line, "shutdown-sessions") || server.ShutdownSessionsWhenDown;

    private static void MarkedUp(ServerSettings server, Arguments line) =>
        server.ShutdownBackupSessionsWhenUp = Expect(line, "shutdown-backup-sessions") || server.ShutdownBackupSessionsWhenUp;

    private static bool Expect(Arguments line, string word)
    {
        string text = line.Take();
        if (text != word)
        {
            line.Alert($"does not take '{text}'", $"write '{word}'");
        }
        return text == word;
    }
}
