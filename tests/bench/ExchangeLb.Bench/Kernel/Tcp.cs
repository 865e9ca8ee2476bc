using System;
using System.Buffers.Binary;

namespace ExchangeLb.Bench.Kernel;

/// <summary>IPv4 sockets on loopback, as plain descriptors. What must not fail throws <see cref="BrokenRunException"/>.</summary>
internal static unsafe class Tcp
{
    private const int InternetFamily = 2, Stream = 1, Datagram = 2, NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const int SocketLevel = 1, IpLevel = 0;
    private const int ReuseAddress = 2, ReceiveBuffer = 8, Linger = 13, ReceiveTimeout = 20, SendTimeout = 21, ForceReceiveBuffer = 33;
    private const int BindAddressNoPort = 24;
    private const uint Loopback = 0x7F000001, FirstSource = 0x7F010001;

    /// <summary>Clients come from this many addresses (127.1.0.1 and up), so that the stick table has entries to look up and both servers get work.</summary>
    internal const int SourceCount = 1000;

    internal static int Listen(int port)
    {
        var fd = Check(Libc.Socket(InternetFamily, Stream | NonBlocking | CloseOnExec, 0), "socket");
        Set(fd, SocketLevel, ReuseAddress, 1);
        var address = At(Loopback, port);
        Check(Libc.Bind(fd, &address, sizeof(InternetAddress)), $"bind to port {port}");
        Check(Libc.Listen(fd, 4096), "listen");
        return fd;
    }

    /// <summary>A new connection of a listener, or -1 when there is none.</summary>
    internal static int Accept(int listener) => Libc.Accept(listener, null, null, NonBlocking | CloseOnExec);

    /// <summary>A UDP receiver with room for a burst of log lines.</summary>
    internal static int OpenDatagramSink(int port)
    {
        var fd = Check(Libc.Socket(InternetFamily, Datagram | NonBlocking | CloseOnExec, 0), "socket");
        Set(fd, SocketLevel, ForceReceiveBuffer, 32 << 20);
        var address = At(Loopback, port);
        Check(Libc.Bind(fd, &address, sizeof(InternetAddress)), $"bind to UDP port {port}");
        return fd;
    }

    /// <summary>
    /// Begins a connection; over loopback it is usually established when this returns. <paramref name="ordinal"/> chooses the source address.
    /// </summary>
    internal static int BeginConnect(int port, int ordinal)
    {
        var fd = NewClient(NonBlocking, ordinal);
        var server = At(Loopback, port);
        if (Libc.Connect(fd, &server, sizeof(InternetAddress)) == 0) { return fd; }
        var error = Libc.Error;
        if (error == Errno.InProgress) { return fd; }
        Libc.Close(fd);
        throw BrokenRunException.OfSystemCall($"connect to port {port}", error);
    }

    /// <summary>A blocking connection whose calls give up after <paramref name="limit"/> (whole seconds); -1 with the error when it was refused.</summary>
    internal static int Connect(int port, int ordinal, TimeSpan limit, out int error)
    {
        var fd = NewClient(0, ordinal);
        var time = new TimeSpec { Seconds = (long)limit.TotalSeconds };   // struct timeval: the same layout, whole seconds here
        Check(Libc.SetSocketOption(fd, SocketLevel, ReceiveTimeout, &time, sizeof(TimeSpec)), "SO_RCVTIMEO");
        Check(Libc.SetSocketOption(fd, SocketLevel, SendTimeout, &time, sizeof(TimeSpec)), "SO_SNDTIMEO");
        var server = At(Loopback, port);
        error = 0;
        if (Libc.ConnectBlocking(fd, &server, sizeof(InternetAddress)) == 0) { return fd; }
        error = Libc.Error;
        Libc.Close(fd);
        return -1;
    }

    internal static void SetReceiveBuffer(int fd, int bytes) => Set(fd, SocketLevel, ReceiveBuffer, bytes);

    /// <summary>Closes with RST (SO_LINGER with a time of 0: socket(7)).</summary>
    internal static void Reset(int fd)
    {
        var linger = stackalloc int[2] { 1, 0 };
        Check(Libc.SetSocketOption(fd, SocketLevel, Linger, linger, 2 * sizeof(int)), "SO_LINGER");
        Libc.Close(fd);
    }

    /// <summary>The result of a call that must succeed.</summary>
    internal static int Check(int result, string what) => result >= 0 ? result : throw BrokenRunException.OfSystemCall(what, Libc.Error);

    private static int NewClient(int flags, int ordinal)
    {
        var fd = Check(Libc.Socket(InternetFamily, Stream | CloseOnExec | flags, 0), "socket");
        Set(fd, IpLevel, BindAddressNoPort, 1);   // the port is chosen at connect, per destination: ip(7)
        var source = At(FirstSource + (uint)((ordinal & int.MaxValue) % SourceCount), 0);
        if (Libc.Bind(fd, &source, sizeof(InternetAddress)) == 0) { return fd; }
        var error = Libc.Error;
        Libc.Close(fd);
        throw BrokenRunException.OfSystemCall("bind to a source address", error);
    }

    private static void Set(int fd, int level, int name, int value) =>
        Check(Libc.SetSocketOption(fd, level, name, &value, sizeof(int)), "setsockopt");

    private static InternetAddress At(uint address, int port) => new()
    {
        Family = InternetFamily,
        Port = BinaryPrimitives.ReverseEndianness((ushort)port),
        Address = BinaryPrimitives.ReverseEndianness(address),
    };
}
