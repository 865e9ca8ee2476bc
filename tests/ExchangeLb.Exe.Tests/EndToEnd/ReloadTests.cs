using System;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

[Collection(nameof(EndToEnd))]
public sealed class ReloadTests : IDisposable
{
    private readonly Site _site = new();

    public void Dispose() => _site.Dispose();

    [Fact]
    public void SIGHUP_applies_a_changed_file_and_harms_no_session()
    {
        string socket = Path.Combine(_site.Directory, "notify");
        using Socket systemd = Listen(socket);
        using ProgramRun run = ProgramRun.Start(
            ProgramRun.ExchangeLb, _site.Directory, ["-f", _site.Configuration], ("NOTIFY_SOCKET", socket));
        _site.WaitServes();
        using Socket session = _site.Connect();
        Assert.StartsWith("READY=1", Receive(systemd), StringComparison.Ordinal);
        Replace("listen mail", "listen post");

        run.Send(Signal.SIGHUP);

        Eventually.True(() => run.Error.Contains($"[NOTICE]   ({run.Pid}) : Configuration reloaded.", StringComparison.Ordinal), "a notice");
        Eventually.True(() => run.Error.Contains("Proxy mail stopped (cumulated conns:", StringComparison.Ordinal), "a line about the proxy, before or after it");
        string[] reloading = Receive(systemd).Split('\n');
        Assert.Equal("RELOADING=1", reloading[0]);
        Assert.True(long.Parse(reloading[1].Replace("MONOTONIC_USEC=", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) > 0);
        Assert.Equal("READY=1", Receive(systemd));
        Site.Echo(session);
        _site.WaitServes();
    }

    [Theory]
    [InlineData("balance roundrobn", "'roundrobn'")]
    [InlineData("bind 192.0.2.1:8443", "this host has no such address")]
    public void A_wrong_file_is_refused_with_its_messages_and_the_old_configuration_goes_on(string line, string message)
    {
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-f", _site.Configuration]);
        _site.WaitServes();
        using Socket session = _site.Connect();
        Replace("    server one", $"    {line}\n    server one");

        run.Send(Signal.SIGHUP);

        Eventually.True(
            () => run.Error.Contains($"[WARNING]  ({run.Pid}) : Reload refused, the configuration before goes on.", StringComparison.Ordinal),
            "a warning");
        Eventually.True(() => run.Error.Contains(message, StringComparison.Ordinal), message);
        Site.Echo(session);
        _site.WaitServes();
    }

    private void Replace(string text, string by) =>
        File.WriteAllText(_site.Configuration, File.ReadAllText(_site.Configuration).Replace(text, by, StringComparison.Ordinal));

    private static Socket Listen(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static string Receive(Socket socket)
    {
        byte[] datagram = new byte[4096];
        while (true)
        {
            string text = System.Text.Encoding.UTF8.GetString(datagram, 0, socket.Receive(datagram));
            if (!text.StartsWith("STATUS=", StringComparison.Ordinal)) // comes at its own times
            {
                return text;
            }
        }
    }
}
