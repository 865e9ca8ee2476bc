using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Corosync;

/// <summary>libquorum (quorum_overview(3) and the pages that it names). Handles are `uint64_t`.</summary>
internal static unsafe partial class Libquorum
{
    internal const string Name = "libquorum.so.5";

    [LibraryImport(Name)]
    internal static partial CorosyncError quorum_model_initialize(ulong* handle, int model, QuorumModelData* data, uint* type, void* context);

    [LibraryImport(Name)]
    internal static partial CorosyncError quorum_finalize(ulong handle);

    [LibraryImport(Name)]
    internal static partial CorosyncError quorum_fd_get(ulong handle, int* fd);

    [LibraryImport(Name)]
    internal static partial CorosyncError quorum_trackstart(ulong handle, uint flags);

    [LibraryImport(Name)]
    internal static partial CorosyncError quorum_dispatch(ulong handle, int dispatchTypes);
}
