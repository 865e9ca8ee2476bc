using System;
using System.IO;

namespace ExchangeLb.Config.Tests;

/// <summary>The folder of ExchangeLb.sln above the running tests.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    public static string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(System.IO.Path.Combine(folder.FullName, "ExchangeLb.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException("ExchangeLb.sln stands in no folder above the tests");
    }
}
