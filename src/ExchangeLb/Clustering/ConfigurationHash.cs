using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;

namespace ExchangeLb.Clustering;

/// <summary>The first 12 hexadecimal digits of the SHA-256 of what a node runs, so that nodes can tell whether they run the same.</summary>
internal static class ConfigurationHash
{
    public static string Of(IEnumerable<string> paths)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in paths.SelectMany(Expand))
        {
            try
            {
                sum.AppendData(File.ReadAllBytes(file));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return "unreadable";
            }
        }
        return Convert.ToHexStringLower(sum.GetHashAndReset())[..12];
    }

    /// <summary>-f may name a folder: its .cfg files in the order of their names (management.txt, 3).</summary>
    private static IEnumerable<string> Expand(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.cfg").Order(StringComparer.Ordinal) : [path];
}

/// <summary>Of the files that a node runs by, as they were when it read them.</summary>
internal sealed record ConfigurationHashes(string Balancer, string Cluster)
{
    /// <param name="haproxyFiles">As -f named them.</param>
    /// <param name="clusterFile">null: there is none.</param>
    public static ConfigurationHashes Of(IReadOnlyList<string> haproxyFiles, string? clusterFile) =>
        new(ConfigurationHash.Of(haproxyFiles), clusterFile is null ? "" : ConfigurationHash.Of([clusterFile]));
}
