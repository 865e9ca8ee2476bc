using System.Runtime.InteropServices;
using ExchangeLb.Linux.Datagrams;

namespace ExchangeLb.Linux.Corosync;

/// <summary>libcpg: closed process groups (cpg_overview(8) and the pages that it names). Handles are `uint64_t`.</summary>
internal static unsafe partial class Libcpg
{
    internal const string Name = "libcpg.so.4";
    internal const int CPG_TYPE_AGREED = 2;

    [LibraryImport(Name)]
    internal static partial CorosyncError cpg_model_initialize(ulong* handle, int model, CpgModelData* data, void* context);

    [LibraryImport(Name)]
    internal static partial CorosyncError cpg_finalize(ulong handle);

    [LibraryImport(Name)]
    internal static partial CorosyncError cpg_fd_get(ulong handle, int* fd);

    [LibraryImport(Name)]
    internal static partial CorosyncError cpg_local_get(ulong handle, uint* nodeId);

    [LibraryImport(Name)]
    internal static partial CorosyncError cpg_join(ulong handle, CpgName* group);

    [LibraryImport(Name)]
    internal static partial CorosyncError cpg_leave(ulong handle, CpgName* group);

    [LibraryImport(Name)]
    internal static partial CorosyncError cpg_dispatch(ulong handle, int dispatchTypes);

    [LibraryImport(Name)]
    internal static partial CorosyncError cpg_mcast_joined(ulong handle, int guarantee, IoVector* vectors, uint count);
}
