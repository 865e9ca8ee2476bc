using System;
using System.Collections.Immutable;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>One client of a runtime socket. Owned by one task.</summary>
internal sealed class RuntimeConnection(
    Socket socket, CommandSession session, Func<ILoadBalancerRuntime> runtime, TimeProvider time, Func<IClusterRuntime?>? cluster = null)
    : IDisposable
{
    private readonly LineBuffer _lines = new();
    private readonly Utf8Writer _output = new();

    /// <summary>
    /// Answers one line, or with `prompt` line after line. Throws only what sockets throw and, when a wait was too long or
    /// <paramref name="stop"/> fires, that it was cancelled.
    /// </summary>
    public async Task ServeAsync(CancellationToken stop)
    {
        do
        {
            string? line = await ReceiveLineAsync(stop).ConfigureAwait(false);
            if (line is null)
            {
                return;
            }
            ValueTask Send() => SendAsync(stop);
            var call = new CommandCall([], runtime(), session, time, _output, Send) { Cluster = cluster?.Invoke() };
            foreach (ImmutableArray<string> words in CommandLine.Split(line))
            {
                await CommandRunner.RunAsync(call, words).ConfigureAwait(false);
                if (session.Ended)
                {
                    break;
                }
            }
            if (session is { Interactive: true, Ended: false })
            {
                _output.Raw("> "u8);
            }
            await SendAsync(stop).ConfigureAwait(false);
        }
        while (session is { Interactive: true, Ended: false });
        socket.Shutdown(SocketShutdown.Both);
    }

    public void Dispose()
    {
        socket.Dispose();
        _lines.Dispose();
        _output.Dispose();
    }

    /// <summary>Null: the client went without ending its line, or the line is too long.</summary>
    private async ValueTask<string?> ReceiveLineAsync(CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(session.IdleTimeout, time);
        using CancellationTokenRegistration onStop = stop.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);
        while (true)
        {
            if (_lines.TakeLine() is { } line)
            {
                return line;
            }
            if (_lines.IsFull)
            {
                return null;
            }
            int received = await socket.ReceiveAsync(_lines.Room(), SocketFlags.None, deadline.Token).ConfigureAwait(false);
            if (received == 0)
            {
                return null;
            }
            _lines.Received(received);
        }
    }

    private async ValueTask SendAsync(CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(session.IdleTimeout, time);
        using CancellationTokenRegistration onStop = stop.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);
        if (_output.Length > 0)
        {
            await socket.SendAsync(_output.Written, SocketFlags.None, deadline.Token).ConfigureAwait(false);
            _output.Clear();
        }
    }
}
