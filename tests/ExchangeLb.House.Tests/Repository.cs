using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace ExchangeLb.House.Tests;

/// <summary>The files of the source tree, without what a build leaves in it.</summary>
internal static class Repository
{
    private static readonly string[] BuiltFolders = ["bin", "obj", "artifacts", "TestResults", ".git", ".vs", ".vagrant", "BenchmarkDotNet.Artifacts"];

    internal static string Root { get; } = FindRoot();

    /// <summary>Paths relative to <see cref="Root"/>, with '/'.</summary>
    internal static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    internal static IEnumerable<string> FilesWith(params string[] extensions) =>
        Files.Where(file => extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase));

    internal static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    internal static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ExchangeLb.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new InvalidOperationException("These tests must run from inside the source tree.");
    }

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder).Where(inner => !BuiltFolders.Contains(Path.GetFileName(inner))).SelectMany(Walk));
}
