using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

namespace ExchangeLb.Clustering;

/// <summary>One change of owner, as the hook is told of it: each field is a variable of its environment.</summary>
/// <param name="Event">EXCHANGELB_EVENT: `acquired`, `lost` (this node did) or `owner` (another node is owner now).</param>
/// <param name="Vip">EXCHANGELB_VIP</param>
/// <param name="Owner">EXCHANGELB_OWNER: name of the node; empty: nobody known.</param>
/// <param name="Node">EXCHANGELB_NODE: the node that runs the hook.</param>
/// <param name="Reason">EXCHANGELB_REASON</param>
internal sealed record HookEvent(string Event, string Vip, string Owner, string Node, string Reason);

/// <summary>
/// Runs the `hook` of cluster.cfg by /bin/sh, one after the other, away from whatever decides. One that runs longer than
/// <see cref="Longest"/> is killed; when <see cref="WaitingMax"/> wait, further events are dropped and counted.
/// </summary>
internal sealed class HookRunner : IAsyncDisposable
{
    public const int WaitingMax = 64;
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Channel<HookEvent> _events = Channel.CreateBounded<HookEvent>(
        new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private readonly Action<string> _complain;
    private readonly Task _running;
    private readonly CancellationTokenSource _stop = new();
    private string? _command;
    private long _droppedTotal;

    /// <param name="complain">Told what went wrong with a hook.</param>
    public HookRunner(string? command, Action<string> complain)
    {
        _command = command;
        _complain = complain;
        _running = Task.Run(RunAsync);
    }

    /// <summary>For <c>/bin/sh -c</c>; null: nothing is run. A reload may change it.</summary>
    public string? Command
    {
        get => Volatile.Read(ref _command);
        set => Volatile.Write(ref _command, value);
    }

    public long DroppedTotal => Interlocked.Read(ref _droppedTotal);

    /// <summary>Any thread; never waits.</summary>
    public void Tell(HookEvent happened)
    {
        if (Command is not null && !_events.Writer.TryWrite(happened))
        {
            Interlocked.Increment(ref _droppedTotal);
        }
    }

    /// <summary>Lets those that wait run, within their bound.</summary>
    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await Task.WhenAny(_running, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await foreach (HookEvent happened in _events.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (Command is { } command && !_stop.IsCancellationRequested)
            {
                await RunAsync(command, happened).ConfigureAwait(false);
            }
        }
    }

    private async Task RunAsync(string command, HookEvent happened)
    {
        ProcessStartInfo start = new("/bin/sh") { ArgumentList = { "-c", command } };
        start.Environment["EXCHANGELB_EVENT"] = happened.Event;
        start.Environment["EXCHANGELB_VIP"] = happened.Vip;
        start.Environment["EXCHANGELB_OWNER"] = happened.Owner;
        start.Environment["EXCHANGELB_NODE"] = happened.Node;
        start.Environment["EXCHANGELB_REASON"] = happened.Reason;
        try
        {
            using Process process = Process.Start(start)!;
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            bound.CancelAfter(Longest);
            try
            {
                await process.WaitForExitAsync(bound.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                _complain($"hook: killed, since it had not ended within {Longest.TotalSeconds:0} s or the balancer ends: {command}");
                return;
            }
            if (process.ExitCode != 0)
            {
                _complain(string.Create(CultureInfo.InvariantCulture, $"hook: ended with exit code {process.ExitCode}: {command}"));
            }
        }
        catch (Exception failure) when (failure is Win32Exception or InvalidOperationException)
        {
            _complain($"hook: could not be run: {failure.Message}");
        }
    }
}
