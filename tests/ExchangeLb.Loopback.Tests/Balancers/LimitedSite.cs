using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Loopback.Tests.Fakes;

namespace ExchangeLb.Loopback.Tests.Balancers;

/// <summary>Our load balancer in a process of its own that may have only so many descriptors (prlimit(1)).</summary>
internal sealed class LimitedSite : IDisposable
{
    private readonly Process _process;
    private readonly string _file = Path.GetTempFileName();

    /// <param name="spare">Descriptors that it may open besides those that it has once it runs.</param>
    public LimitedSite(string sections, int spare)
    {
        Front = Addresses.FreshEndPoint();
        File.WriteAllText(_file, SiteText.Of(sections, Front, Log, "maxconn 10000"));
        _process = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location, _file]) { RedirectStandardError = true })!;
        Until.True(() => _process.HasExited || Answers, "the balancer listens");
        int open = Directory.GetFiles($"/proc/{_process.Id}/fd").Length;
        string limit = string.Create(CultureInfo.InvariantCulture, $"--nofile={open + spare}");
        using Process setting = Process.Start("prlimit", ["--pid", $"{_process.Id}", limit]);
        setting.WaitForExit();
    }

    public IPEndPoint Front { get; }

    public LogCollector Log { get; } = new();

    private bool Answers
    {
        get
        {
            try
            {
                using Peer probe = Peer.Connect(Front);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Log.Dispose();
        File.Delete(_file);
    }
}
