using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.Win32.SafeHandles;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>One host of the lab: a network namespace with its own name, made by `ip netns add`.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private const int O_RDONLY = 0;
    private const int CLONE_NEWNET = 0x40000000;   // sched.h

    internal NetworkNamespace(string name)
    {
        Name = name;
        Command.Run("ip", "netns", "add", name);
        Ip("link", "set", "lo", "up");
    }

    internal string Name { get; }

    internal void Ip(params string[] arguments) => Command.Run("ip", ["-n", Name, .. arguments]);

    internal string Run(string program, params string[] arguments) => Command.Run("ip", ["netns", "exec", Name, program, .. arguments]);

    internal Command.Outcome Try(string program, params string[] arguments) => Command.Try("ip", ["netns", "exec", Name, program, .. arguments]);

    internal Daemon Start(string program, params string[] arguments) => new(StartInfo(program, arguments));

    internal ProcessStartInfo StartInfo(string program, params string[] arguments) => new("ip", ["netns", "exec", Name, program, .. arguments]);

    internal void Set(string key, string value) => Run("sh", "-c", $"echo {value} > /proc/sys/net/{key}");

    /// <summary>A TCP socket of this host, bound to one of its addresses. It stays with the host, whichever thread uses it.</summary>
    internal Socket Tcp(string address) => Inside(() =>
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000, SendTimeout = 20_000 };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        return socket;
    });

    internal Socket TcpListener(IPEndPoint local) => Inside(() =>
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(local);
        socket.Listen();
        return socket;
    });

    internal Socket UdpReceiver(IPEndPoint local) => Inside(() =>
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(local);
        return socket;
    });

    public void Dispose() => Command.Try("ip", "netns", "delete", Name);

    /// <summary>A thread's namespace is its own (setns(2)), so a thread of its own goes in, and ends there.</summary>
    internal T Inside<T>(Func<T> make)
    {
        T? made = default;
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                using SafeFileHandle handle = Open($"/run/netns/{Name}", O_RDONLY);
                if (handle.IsInvalid || Setns(handle, CLONE_NEWNET) != 0)
                {
                    throw new IOException($"error {Marshal.GetLastPInvokeError()}");
                }
                made = make();
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? made! : throw new InvalidOperationException($"in namespace {Name}: {failure.Message}", failure);
    }

    /// <summary>File.OpenRead would seek in it, which a namespace's file does not allow.</summary>
    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle Open(string path, int flags);

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Setns(SafeFileHandle descriptor, int kind);
}
