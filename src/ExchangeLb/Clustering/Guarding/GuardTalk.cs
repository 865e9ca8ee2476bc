using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Net;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Clustering.Guarding;

/// <summary>
/// What balancer and guard say to each other over the unix socket `guard.sock`, a line each:
/// <list type="bullet">
/// <item>balancer: `hello INCARNATION PID FORM` (a guard of another form ends, so that one that fits is started), then `beat` while its loops and
/// its lease thread run, `vips FORM VIPS` with the list that
/// it runs with, after the hello and whenever a reload changes it, `ending` when it ends in order and is not to be watched any more, at last `stop` (both end);</item>
/// <item>guard: `guard PID VERSION`, then after the hello `holds COUNT WHY`, for how many quiet sessions' sockets it has room (<see cref="HeldTalk"/>;
/// 0, and why it can't) and `former TEXT` when it has killed the process before this one, and `engine TEXT` when Corosync has started or failed.</item>
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
    public const string Former = "former";
    public const string Vips = "vips";

    /// <summary>VIPs that the guard is told of at most, those included that are being given up: more than a file may have.</summary>
    public const int VipsMax = 60;

    /// <summary>A longer line is nobody's.</summary>
    public const int LineMaxBytes = 4096;

    /// <summary>What guard and balancer must have in common: the program, and the cluster.cfg that Corosync and the list of VIPs come from.</summary>
    public static string Form(string clusterFile) => FormOf(ConfigurationHash.Of([clusterFile]));

    /// <param name="hash">Of cluster.cfg: <see cref="ConfigurationHash"/>.</param>
    public static string FormOf(string hash) => $"{VersionText.Version}/{hash}";

    public static string HelloLine(ulong incarnation, int pid, string form) =>
        string.Create(CultureInfo.InvariantCulture, $"{Hello} {incarnation} {pid} {form}\n");

    public static string GuardLine(int pid, string version) => string.Create(CultureInfo.InvariantCulture, $"{Guard} {pid} {version}\n");

    public static string HoldsLine(int sessions, string? lack) => string.Create(CultureInfo.InvariantCulture, $"{Holds} {sessions} {lack}");

    /// <param name="form">Of the file that was taken over, as in the hello to a guard that knows of it; one that has just started is greeted by the file on disk.</param>
    public static string VipsLine(string form, IEnumerable<VipModel> vips) =>
        $"{Vips} {form} {string.Join(',', vips.Take(VipsMax).Select(vip => string.Create(CultureInfo.InvariantCulture, $"{vip.Address}/{vip.PrefixLength}@{vip.Device}")))}\n";

    /// <returns>Null: it is no such line.</returns>
    public static (string Form, ImmutableArray<VipModel> Vips)? ReadVips(string line)
    {
        string[] words = line.Split(' ', 3);
        if (words.Length < 3 || words[0] != Vips) { return null; }
        VipModel?[] vips = [.. words[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ReadVip)];
        return vips.Contains(null) ? null : (words[1], [.. vips.OfType<VipModel>()]);
    }

    private static VipModel? ReadVip(string text)
    {
        string[] parts = text.Split('/', '@');
        return parts.Length == 3 && IPAddress.TryParse(parts[0], out IPAddress? address)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            ? new VipModel(address, length, parts[2], []) : null;
    }

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
