using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Loopback.Tests.Fakes;

namespace ExchangeLb.Loopback.Tests.Balancers;

/// <summary>HAProxy in a process of its own, run from the same text.</summary>
internal sealed class HaproxySite : IBalancer
{
    public const string Program = "/usr/sbin/haproxy";
    private readonly Process _process;
    private readonly string _file;

    private HaproxySite(Process process, string file, IPEndPoint front, LogCollector log)
    {
        _process = process;
        _file = file;
        Front = front;
        Log = log;
    }

    public static bool IsInstalled => File.Exists(Program);

    public IPEndPoint Front { get; }

    public LogCollector Log { get; }

    public static HaproxySite Start(string sections, string global = "")
    {
        IPEndPoint front = Addresses.FreshEndPoint();
        var log = new LogCollector();
        string file = Path.GetTempFileName();
        File.WriteAllText(file, SiteText.Of(sections, front, log, $"{global}\n    nbthread 1\n    stats socket {file}.sock"));
        Process process = Process.Start(new ProcessStartInfo(Program, ["-db", "-q", "-f", file]) { RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var site = new HaproxySite(process, file, front, log);
        Until.True(() => process.HasExited || site.Listens, "HAProxy listens");
        return !process.HasExited ? site : throw new InvalidOperationException($"HAProxy ended with {process.ExitCode}");
    }

    /// <summary>The kernel's table names the address with state 0A (proc(5), /proc/net/tcp), so no connection has to try it.</summary>
    private bool Listens
    {
        get
        {
            uint address = BitConverter.ToUInt32(Front.Address.GetAddressBytes());
            string row = string.Create(CultureInfo.InvariantCulture, $": {address:X8}:{Front.Port:X4} 00000000:0000 0A");
            return Front.AddressFamily == AddressFamily.InterNetwork
                && File.ReadAllText("/proc/net/tcp").Contains(row, StringComparison.Ordinal);
        }
    }

    public long Count(string proxy, string row, string column) => Rows(proxy).First(cells => cells["svname"] == row)[column] is { Length: > 0 } number
        ? long.Parse(number, CultureInfo.InvariantCulture)
        : 0;

    public long Waiting(string proxy) =>
        Rows(proxy).Sum(cells => cells["qcur"].Length > 0 ? long.Parse(cells["qcur"], CultureInfo.InvariantCulture) : 0);

    private IEnumerable<Dictionary<string, string>> Rows(string proxy)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_file + ".sock"));
        using var stream = new NetworkStream(socket);
        stream.Write("show stat\n"u8);
        string[][] table = [.. new StreamReader(stream).ReadToEnd().TrimStart('#', ' ').Split('\n').Select(line => line.Split(','))];
        return table.Skip(1)
            .Where(cells => cells[0] == proxy)
            .Select(cells => table[0].Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_file);
        File.Delete(_file + ".sock");
        Log.Dispose();
    }
}
