using System;
using System.Net.Sockets;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

[Collection(nameof(EndToEnd))]
public sealed class SignalTests : IDisposable
{
    private readonly Site _site = new();

    public void Dispose() => _site.Dispose();

    [Theory]
    [InlineData(Signal.SIGTERM)]
    [InlineData(Signal.SIGINT)]
    public void A_stop_at_once_closes_sessions_and_ends_by_the_signal(Signal signal)
    {
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-f", _site.Configuration]);
        _site.WaitServes();
        using Socket session = _site.Connect();

        run.Send(signal);

        Assert.Equal(128 + (int)signal, run.WaitExit());
        Assert.True(IsClosed(session));
    }

    [Fact]
    public void A_soft_stop_refuses_new_clients_and_ends_with_the_last_session()
    {
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-f", _site.Configuration]);
        _site.WaitServes();
        using Socket session = _site.Connect();

        run.Send(Signal.SIGUSR1);
        Eventually.True(() => !_site.Accepts(), "new clients are refused");
        Site.Echo(session);
        Assert.False(run.HasExited);
        session.Close();

        Assert.Equal(0, run.WaitExit());
    }

    [Fact]
    public void A_soft_stop_can_be_cut_short()
    {
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-f", _site.Configuration]);
        _site.WaitServes();
        using Socket session = _site.Connect();

        run.Send(Signal.SIGUSR1);
        Eventually.True(() => !_site.Accepts(), "new clients are refused");
        run.Send(Signal.SIGTERM);

        Assert.Equal(128 + 15, run.WaitExit());
    }

    [Fact]
    public void A_signal_that_is_not_supported_is_refused_aloud_and_harms_no_session()
    {
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-f", _site.Configuration]);
        _site.WaitServes();
        using Socket session = _site.Connect();

        run.Send(Signal.SIGUSR2);

        Eventually.True(() => run.Error.Contains($"[WARNING]  ({run.Pid}) : SIGUSR2", StringComparison.Ordinal), "a warning");
        Site.Echo(session);
    }

    [Fact]
    public void Old_processes_are_told_to_finish_once_the_new_one_serves()
    {
        using ProgramRun old = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-f", _site.Configuration]);
        _site.WaitServes();
        using Socket session = _site.Connect();

        using ProgramRun young = ProgramRun.Start(
            ProgramRun.ExchangeLb, _site.Directory, ["-f", _site.Configuration, "-sf", old.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

        Site.Echo(session);
        session.Close();
        Assert.Equal(0, old.WaitExit());
        Assert.True(_site.Accepts());
        Assert.False(young.HasExited);
    }

    private static bool IsClosed(Socket session)
    {
        try
        {
            return session.Receive(new byte[1]) == 0;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionReset;
        }
    }
}
