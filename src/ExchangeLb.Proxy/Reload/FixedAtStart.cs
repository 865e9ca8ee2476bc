using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Proxy.Reload;

/// <summary>
/// What a running process cannot change about itself: a reload leaves it as it is and says so, by the keyword. Everything else takes
/// effect.
/// </summary>
internal static class FixedAtStart
{
    public static IEnumerable<Diagnostic> Check(GlobalModel now, GlobalModel next)
    {
        (string Keyword, bool Same)[] @fixed =
        [
            ("nbthread", now.ThreadCount == next.ThreadCount),
            ("user, uid", now.User == next.User && now.UserId == next.UserId),
            ("group, gid", now.Group == next.Group && now.GroupId == next.GroupId),
            ("chroot", now.Chroot == next.Chroot),
            ("daemon", now.Daemon == next.Daemon),
            ("pidfile", now.PidFile == next.PidFile),
            ("ulimit-n", now.DescriptorLimit == next.DescriptorLimit),
            ("stats socket", now.StatsSockets.Select(Unplaced).SequenceEqual(next.StatsSockets.Select(Unplaced))),
            ("stats timeout", now.StatsTimeout == next.StatsTimeout),
            ("stats maxconn", now.StatsMaxConn == next.StatsMaxConn),
        ];
        return @fixed
            .Where(setting => !setting.Same)
            .Select(setting => new Diagnostic(Severity.Warning, null, $"'{setting.Keyword}' needs a restart to change; what was set at the start goes on."));
    }

    private static StatsSocketModel Unplaced(StatsSocketModel socket) => socket with { Place = default };
}
