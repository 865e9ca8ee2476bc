using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Process;

/// <summary>
/// Gives up root for good. A user belongs to a thread in Linux, but glibc's functions (unlike the bare system calls) change every
/// thread of the process together (nptl(7), "NPTL and the other POSIX threads"), so the runtime's own threads change too.
/// </summary>
public static partial class Privileges
{
    public static bool IsRoot => geteuid() == 0;

    /// <summary>The user whose rights this process has.</summary>
    public static uint UserId => geteuid();

    public static uint GroupId => getegid();

    /// <summary>
    /// Supplementary groups (root's, so dropped whenever we are root), then group, then user: after the user nothing more would be
    /// allowed. Null leaves a part as it is. Whoever is not root can only become what he is.
    /// </summary>
    /// <returns>0, or the errno of the step that failed; the process should not go on half changed.</returns>
    public static unsafe int Become(uint? userId, uint? groupId)
    {
        if ((IsRoot && setgroups(0, null) != 0)
            || (groupId is { } gid && setresgid(gid, gid, gid) != 0)
            || (userId is { } uid && setresuid(uid, uid, uid) != 0))
        {
            return Marshal.GetLastPInvokeError();
        }
        return 0;
    }

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial uint getegid();

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int setgroups(nuint size, uint* list);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setresuid(uint real, uint effective, uint saved);
}
