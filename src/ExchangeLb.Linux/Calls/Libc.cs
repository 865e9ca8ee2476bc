using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Calls;

/// <summary>
/// The libc calls of the data path. Those on non-blocking descriptors skip the switch of the collector's mode
/// (SuppressGCTransition): they return in microseconds, and the switch costs as much as the cheaper of them.
/// epoll_wait may sleep, so it must not.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Name = "libc";

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int bind(int fd, void* address, uint length);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int listen(int fd, int backlog);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int accept4(int fd, void* address, uint* length, int flags);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int connect(int fd, void* address, uint length);

    // recv and send are cancellation points in glibc, and in a program of several threads each call pays for that twice (0.7 % of all
    // its time at 80,000 requests a second, by perf). syscall(2) is none. Numbers of x86-64, which the program is built for.
    private const nint SYS_sendto = 44;
    private const nint SYS_recvfrom = 45;
    private const nint SYS_gettid = 186;

    internal static nint recv(int fd, void* buffer, nuint length, int flags) =>
        syscall(SYS_recvfrom, fd, (nint)buffer, (nint)length, flags, 0, 0);

    internal static nint send(int fd, void* buffer, nuint length, int flags) =>
        syscall(SYS_sendto, fd, (nint)buffer, (nint)length, flags, 0, 0);

    /// <summary>glibc has a function for it since 2.30 only.</summary>
    internal static int gettid() => (int)syscall(SYS_gettid, 0, 0, 0, 0, 0, 0);

    [LibraryImport(Name), SuppressGCTransition]
    private static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int sendmmsg(int fd, void* messages, uint count, int flags);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial nint sendmsg(int fd, void* message, int flags);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial nint recvmsg(int fd, void* message, int flags);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int shutdown(int fd, int how);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int close(int fd);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int getsockname(int fd, void* address, uint* length);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int getpeername(int fd, void* address, uint* length);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int pipe2(int* descriptors, int flags);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial nint splice(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int fcntl(int fd, int command, nint argument);

    /// <summary>Waits where <paramref name="to"/> is a socket whose closing does.</summary>
    [LibraryImport(Name)]
    internal static partial int dup3(int from, int to, int flags);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int epoll_create1(int flags);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int epoll_ctl(int epoll, int operation, int fd, void* @event);

    [LibraryImport(Name, EntryPoint = "epoll_wait", SetLastError = true)]
    internal static partial int epoll_wait_blocking(int epoll, void* events, int capacity, int timeoutMs);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial int eventfd(uint initial, int flags);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial nint read(int fd, void* buffer, nuint length);

    [LibraryImport(Name), SuppressGCTransition]
    internal static partial nint write(int fd, void* buffer, nuint length);

    // May wait (a terminal, a pipe, a file): the collector must be able to run meanwhile.
    [LibraryImport(Name, EntryPoint = "write", SetLastError = true)]
    internal static partial nint write_blocking(int fd, void* buffer, nuint length);
}
