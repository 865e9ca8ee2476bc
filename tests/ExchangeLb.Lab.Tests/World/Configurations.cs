using System;
using System.IO;

namespace ExchangeLb.Lab.Tests.World;

internal static class Configurations
{
    /// <summary>The file that must always run.</summary>
    internal static string Article { get; } = File.ReadAllText(Path.Combine(LabWorld.RepositoryRoot, "cluster-config/haproxy.cfg"));

    /// <summary>The article's, with checks ten times as often.</summary>
    internal static string Quick { get; } = Article.Replace("    server exchange1", "    default-server inter 200ms fall 3 rise 2\n    server exchange1", StringComparison.Ordinal);
}
