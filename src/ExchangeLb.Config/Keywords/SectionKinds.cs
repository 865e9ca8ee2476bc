using System;
using System.Linq;

namespace ExchangeLb.Config.Keywords;

/// <summary>Where a keyword may stand. Bind, Server, StatsSocket are the option lists of those lines.</summary>
[Flags]
internal enum SectionKinds
{
    None = 0,
    Global = 1,
    Defaults = 2,
    Frontend = 4,
    Backend = 8,
    Listen = 16,

    /// <summary>A section that is known by name only.</summary>
    Other = 32,

    /// <summary>The one section of cluster.cfg.</summary>
    Cluster = 64,

    /// <summary>Read and ignored: the cluster replicates by itself.</summary>
    Peers = 128,

    FrontSide = Frontend | Listen,
    BackSide = Backend | Listen,
    Proxy = Frontend | Backend | Listen,
    Anywhere = Defaults | Proxy,
}

internal static class SectionKindNames
{
    private static readonly SectionKinds[] Single = [SectionKinds.Global, SectionKinds.Defaults, SectionKinds.Frontend,
        SectionKinds.Backend, SectionKinds.Listen, SectionKinds.Cluster, SectionKinds.Peers];

    /// <summary>`frontend, listen`.</summary>
    public static string ToWords(this SectionKinds kinds) =>
        string.Join(", ", Single.Where(kind => (kinds & kind) != 0).Select(kind => kind.ToString().ToLowerInvariant()));
}
