using System.Runtime.InteropServices;
using System.Text;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Files;

/// <summary>Who owns a file (chown(2)).</summary>
public static unsafe partial class FileOwner
{
    /// <summary>Changes owner and group; null leaves one as it is. Follows symbolic links.</summary>
    public static SysResult Change(string path, int? user, int? group)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* start = name)
        {
            // -1 leaves an id unchanged.
            int result = chown(start, (uint)(user ?? -1), (uint)(group ?? -1));
            return result == 0 ? default : SysResult.FromError((Errno)Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Who owns the file (statx(2)); follows symbolic links.</summary>
    public static SysResult Of(string path)
    {
        const int AT_FDCWD = -100;
        const uint STATX_UID = 0x8;
        const int StatxBytes = 256; // struct statx, linux/stat.h: stx_uid is at 20
        byte* status = stackalloc byte[StatxBytes];
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* start = name)
        {
            int result = statx(AT_FDCWD, start, 0, STATX_UID, status);
            return result == 0 ? SysResult.Of(*(uint*)(status + 20)) : SysResult.FromError((Errno)Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int folder, byte* path, int flags, uint mask, byte* status);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int chown(byte* path, uint user, uint group);
}
