using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Corosync;

/// <summary>Corosync's client libraries, which come from the distribution.</summary>
public static class CorosyncLibraries
{
    /// <summary>Null when both are there; otherwise what to install, for people.</summary>
    public static string? Missing() =>
        Missing(Libcpg.Name, "libcpg4") ?? Missing(Libquorum.Name, "libquorum5");

    internal static string? Missing(string library, string debianPackage) =>
        NativeLibrary.TryLoad(library, out _)
            ? null
            : $"the library {library} is not here: install the package {debianPackage} (Debian, Ubuntu) or corosynclib (Red Hat), version 3 of Corosync";
}
