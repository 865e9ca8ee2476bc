using System.Globalization;
using ExchangeLb.CommandLine;

namespace ExchangeLb.Clustering.Guarding;

/// <summary>
/// What balancer and guard say to each other over the unix socket `guard.sock`, a line each:
/// <list type="bullet">
/// <item>balancer: `hello INCARNATION PID FORM` (a guard of another form ends, so that one that fits is started), then `beat` while its loops and
/// its lease thread run, `ending` when it ends in order and is not to be watched any more, at last `stop` (both end);</item>
/// <item>guard: `guard PID VERSION`, then after the hello `holds COUNT WHY`, for how many quiet sessions' sockets it has room (<see cref="HeldTalk"/>;
/// 0, and why it can't), and `engine TEXT` when Corosync has started or failed.</item>
/// </list>
/// </summary>
internal static class GuardTalk
{
    public const string SocketName = "guard.sock";
    public const string LogName = "guard.log";
    public const string Hello = "hello";
    public const string Beat = "beat";
    public const string Stop = "stop";
    public const string Ending = "ending";
    public const string Guard = "guard";
    public const string Engine = "engine";
    public const string Holds = "holds";

    /// <summary>A longer line is nobody's.</summary>
    public const int LineMaxBytes = 1024;

    /// <summary>What guard and balancer must have in common: the program, and the cluster.cfg that Corosync and the list of VIPs come from.</summary>
    public static string Form(string clusterFile) => $"{VersionText.Version}/{ConfigurationHash.Of([clusterFile])}";

    public static string HelloLine(ulong incarnation, int pid, string form) =>
        string.Create(CultureInfo.InvariantCulture, $"{Hello} {incarnation} {pid} {form}\n");

    public static string GuardLine(int pid, string version) => string.Create(CultureInfo.InvariantCulture, $"{Guard} {pid} {version}\n");

    public static string HoldsLine(int sessions, string? lack) => string.Create(CultureInfo.InvariantCulture, $"{Holds} {sessions} {lack}");

    /// <summary>False: it is no greeting of a balancer.</summary>
    public static bool TryReadHello(string line, out ulong incarnation, out int pid, out string form)
    {
        string[] words = line.Split(' ', 4);
        pid = 0;
        incarnation = 0;
        form = words[^1];
        return words.Length >= 4 && words[0] == Hello
            && ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out incarnation)
            && int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out pid) && pid > 1;
    }
}
