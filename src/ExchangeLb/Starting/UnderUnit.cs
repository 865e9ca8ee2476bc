using System;
using System.IO;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Messages;

namespace ExchangeLb.Starting;

/// <summary>
/// What of a file written for a HAProxy that begins as root the package's unit (exchangelb.service) will do otherwise: it runs a cluster's node as a user
/// of its own, in a sandbox that lets it write in its own folders alone. Said before the start, by -c and cluster-setup.
/// </summary>
internal static class UnderUnit
{
    /// <summary>RuntimeDirectory and StateDirectory of the unit.</summary>
    private static readonly string[] OwnFolders = ["/run/exchangelb", "/var/run/exchangelb", "/var/lib/exchangelb"];

    public static void SayLimits(LoadedConfiguration loaded, StartMessages messages)
    {
        if (loaded.Cluster is null)
        {
            return;
        }
        GlobalModel global = loaded.Balancer.Global;
        if ((global.UserPlace ?? global.GroupPlace) is { } place)
        {
            Say(messages, place, "'user' and 'group' are not followed by a node of a cluster: exchangelb.service runs it as the user exchangelb");
        }
        foreach (StatsSocketModel socket in global.StatsSockets.Where(socket => socket.Path is not null && (socket.UserId ?? socket.GroupId) is not null))
        {
            Say(messages, socket.Place, $"stats socket {socket.Path}: the user of exchangelb.service can't give a file to another user or group; leave 'user' and 'group' out, 'mode 666' would let everybody in");
        }
        foreach (StatsSocketModel socket in global.StatsSockets.Where(socket => socket.Path is { } path && !IsOwn(path)))
        {
            Say(messages, socket.Place, $"the user and sandbox of exchangelb.service can't write in the folder {Path.GetDirectoryName(socket.Path)}: there, write "
                + $"'stats socket {OwnFolders[0]}/{Path.GetFileName(socket.Path)}'");
        }
    }

    private static bool IsOwn(string path) => OwnFolders.Any(folder => Path.GetFullPath(path).StartsWith(folder + "/", StringComparison.Ordinal));

    private static void Say(StartMessages messages, SourcePlace place, string text) =>
        messages.Say(Severity.Notice, MessageShape.FormatConfiguration(new Diagnostic(Severity.Notice, place, text)));
}
