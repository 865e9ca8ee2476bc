using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Loopback.Tests.Fakes;

namespace ExchangeLb.Loopback.Tests.Reload;

/// <summary>Clients that never rest: each comes again and again, or keeps one connection busy, until told to stop. Whatever goes wrong is noted.</summary>
internal sealed class Traffic : IDisposable
{
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _clients = [];
    private long _connections;

    /// <summary>Connections that were made.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Lets a client connect anew each time, and be answered by anyone of these.</summary>
    public void Visit(IPEndPoint to, IPAddress from, params string[] answers) => Run($"visits of {from} to {to}", () =>
    {
        using Peer client = Peer.Connect(to, from);
        Interlocked.Increment(ref _connections);
        string answer = client.ReadTextToEnd();
        if (!answers.Contains(answer))
        {
            throw new InvalidDataException($"'{answer}' answered");
        }
    });

    /// <summary>Lets a client stay, and get back what it sends, to the last byte.</summary>
    public void Stay(IPEndPoint to, int blockSize)
    {
        Peer client = Peer.Connect(to);
        Interlocked.Increment(ref _connections);
        byte[] block = new byte[blockSize];
        new Random(blockSize).NextBytes(block);
        Run(
            $"a stay at {to}",
            () =>
            {
                client.Send(block);
                if (!client.Read(block.Length).AsSpan().SequenceEqual(block))
                {
                    throw new InvalidDataException("other bytes came back");
                }
            },
            () =>
            {
                client.Finish();
                client.ReadToEnd();
                client.Dispose();
            });
    }

    /// <summary>Ends all clients in order and gives what went wrong.</summary>
    public IReadOnlyList<string> Stop()
    {
        _stop.Cancel();
        Task.WaitAll([.. _clients], Until.Patience);
        return [.. _problems];
    }

    public void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    private void Run(string what, Action once, Action? end = null) => _clients.Add(Task.Factory.StartNew(
        () =>
        {
            try
            {
                while (!_stop.IsCancellationRequested)
                {
                    once();
                }
                end?.Invoke();
            }
            catch (Exception wrong) when (wrong is SocketException or IOException or InvalidDataException)
            {
                _problems.Enqueue($"{what}: {wrong.Message}");
            }
        },
        TaskCreationOptions.LongRunning));
}
