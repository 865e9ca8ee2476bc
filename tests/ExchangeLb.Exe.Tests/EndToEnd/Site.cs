using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>A directory with a configuration, an address of 127.0.0.0/8 that no other test has, and an echo server behind it.</summary>
internal sealed class Site : IDisposable
{
    private const int Port = 8443;
    private static int _last;

    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public Site()
    {
        int number = Interlocked.Increment(ref _last);
        Address = new(IPAddress.Parse(string.Create(CultureInfo.InvariantCulture,
            $"127.{20 + (Environment.ProcessId % 200)}.{Environment.ProcessId / 200 % 250}.{1 + number}")), Port);
        _server.Start();
        new Thread(Echo) { IsBackground = true }.Start();
        WriteConfiguration();
    }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("exchangelb-site").FullName;

    public string Configuration => Path.Combine(Directory, "site.cfg");

    public string PidFile => Path.Combine(Directory, "site.pid");

    public IPEndPoint Address { get; }

    private void WriteConfiguration() => File.WriteAllText(Configuration, $"""
        global
        defaults
            mode tcp
            timeout connect 5s
            timeout client 60s
            timeout server 60s
        listen mail
            bind {Address}
            server one 127.0.0.1:{((IPEndPoint)_server.LocalEndpoint).Port}

        """);

    public string WriteFile(string name, string text)
    {
        string path = Path.Combine(Directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    public int ReadPid()
    {
        Eventually.True(() => File.Exists(PidFile) && File.ReadAllText(PidFile).EndsWith('\n'), "a pid file");
        return int.Parse(File.ReadAllText(PidFile), CultureInfo.InvariantCulture);
    }

    public bool Accepts()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(Address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void WaitServes() => Eventually.True(Serves, $"{Address} serves");

    /// <summary>Not only does the kernel accept: a byte comes back from the server.</summary>
    private bool Serves()
    {
        try
        {
            Connect().Dispose();
            return true;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>A connection through which a byte has gone to the server and back.</summary>
    public Socket Connect()
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
        socket.Connect(Address);
        Echo(socket);
        return socket;
    }

    public static void Echo(Socket socket)
    {
        byte[] one = [42];
        socket.Send(one);
        if (socket.Receive(one) != 1)
        {
            throw new IOException("the connection was closed");
        }
    }

    public void Dispose()
    {
        _server.Stop();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void Echo()
    {
        try
        {
            while (true)
            {
                TcpClient client = _server.AcceptTcpClient();
                NetworkStream stream = client.GetStream();
                _ = stream.CopyToAsync(stream).ContinueWith(_ => client.Dispose(), System.Threading.Tasks.TaskScheduler.Default);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or InvalidOperationException)
        {
            // between two connections, or while one was waited for
        }
    }
}
