using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace ExchangeLb.Bench.Kernel;

/// <summary>
/// The system calls of the load generator. Those that never block leave the runtime's state alone (SuppressGCTransition), so that client
/// and backend cost as little as they can: they share the machine with the proxy that is being measured.
/// </summary>
internal static unsafe partial class Libc
{
    internal static int Error => Marshal.GetLastSystemError();

    [LibraryImport("libc", EntryPoint = "socket"), SuppressGCTransition]
    internal static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind"), SuppressGCTransition]
    internal static partial int Bind(int fd, InternetAddress* address, int length);

    [LibraryImport("libc", EntryPoint = "listen"), SuppressGCTransition]
    internal static partial int Listen(int fd, int backlog);

    [LibraryImport("libc", EntryPoint = "connect"), SuppressGCTransition]
    internal static partial int Connect(int fd, InternetAddress* address, int length);

    [LibraryImport("libc", EntryPoint = "accept4"), SuppressGCTransition]
    internal static partial int Accept(int fd, InternetAddress* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt"), SuppressGCTransition]
    internal static partial int SetSocketOption(int fd, int level, int name, void* value, int length);

    [LibraryImport("libc", EntryPoint = "shutdown"), SuppressGCTransition]
    internal static partial int Shutdown(int fd, int how);

    // What close and kill return says nothing that could be acted upon here.
    [LibraryImport("libc", EntryPoint = "close"), SuppressGCTransition]
    internal static partial void Close(int fd);

    [LibraryImport("libc", EntryPoint = "send"), SuppressGCTransition]
    internal static partial nint Send(int fd, void* bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv"), SuppressGCTransition]
    internal static partial nint Receive(int fd, void* bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "connect")]
    internal static partial int ConnectBlocking(int fd, InternetAddress* address, int length);

    [LibraryImport("libc", EntryPoint = "send")]
    internal static partial nint SendBlocking(int fd, void* bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv")]
    internal static partial nint ReceiveBlocking(int fd, void* bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    internal static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl"), SuppressGCTransition]
    internal static partial int EpollControl(int epoll, int operation, int fd, EpollEvent* change);

    [LibraryImport("libc", EntryPoint = "epoll_pwait2")]
    internal static partial int EpollWait(int epoll, EpollEvent* events, int capacity, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    internal static partial int SetAffinity(int thread, nint length, ulong* mask);

    [LibraryImport("libc", EntryPoint = "prctl")]
    internal static partial int ControlProcess(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    internal static partial int CpuClockOf(int process, int* clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    internal static partial int ReadClock(int clock, TimeSpec* now);

    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial void Kill(int process, int signal);
}

/// <summary>struct epoll_event: packed on x86-64 (epoll_ctl(2)), 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct EpollEvent
{
    internal uint Events;
    internal long Data;
}

/// <summary>struct timespec.</summary>
internal struct TimeSpec
{
    internal long Seconds;
    internal long Nanoseconds;
}

/// <summary>struct sockaddr_in (ip(7)): port and address in network order.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct InternetAddress
{
    internal ushort Family;
    internal ushort Port;
    internal uint Address;
}
