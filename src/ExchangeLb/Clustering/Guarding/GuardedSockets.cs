using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Datagrams;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Clustering.Guarding;

/// <summary>
/// Passes sockets of quiet sessions to the guard (<see cref="HeldSockets"/>). A message that the guard does not take at once is never waited for: a hold
/// is the caller's to try again, a drop is kept and sent later. Drops wait for more of them: each message wakes the guard. Safe for use by several threads.
/// </summary>
internal sealed class GuardedSockets : IHeldSockets, IDisposable
{
    /// <summary>A guard that leaves so many drops unread has to begin anew.</summary>
    private const int WaitingMax = 1 << 16;

    /// <summary>Some 1000 messages under way.</summary>
    private const int BufferBytes = 1 << 20;

    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly Queue<ulong> _dropped = new();
    private readonly byte[] _message = new byte[HeldTalk.MessageMaxBytes];
    private readonly byte[] _records = new byte[HeldTalk.MessageMaxBytes];
    private readonly Timer _later;
    private Socket? _line;
    private bool _laterIsSet;

    public GuardedSockets() => _later = new Timer(_ => SendLater(), null, Timeout.Infinite, Timeout.Infinite);

    public event Action? Renewed;

    /// <summary>A guard is there that holds nothing of this process.</summary>
    /// <returns>Null, or why it holds nothing later either.</returns>
    public string? Connect(string socketPath)
    {
        Socket line = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            line.Connect(new UnixDomainSocketEndPoint(socketPath));
            line.SendBufferSize = BufferBytes;
            line.Blocking = false;
        }
        catch (SocketException failure)
        {
            line.Dispose();
            return $"{socketPath}: {failure.Message}";
        }
        lock (_gate)
        {
            Break();
            _line = line;
        }
        Renewed?.Invoke();
        return null;
    }

    /// <summary>The guard is gone, or is to hold nothing any more.</summary>
    public void Disconnect()
    {
        lock (_gate)
        {
            Break();
        }
    }

    public HoldAnswer Hold(ulong session, int client, int server)
    {
        Span<byte> message = stackalloc byte[HeldTalk.HoldBytes];
        HeldTalk.WriteHold(message, session);
        lock (_gate)
        {
            if (_dropped.Count > 0 && (_dropped.Count >= HeldTalk.DroppedAtOnce || _dropped.Contains(session)) && !SendDropped())
            {
                return _line is null ? HoldAnswer.Nobody : HoldAnswer.Busy;
            }
            return _line is null ? HoldAnswer.Nobody : AnswerTo(DescriptorMessage.Send((int)_line.Handle, message, client, server));
        }
    }

    /// <summary>The guard keeps what these records tell, for the next process of this node, should this one die.</summary>
    /// <returns>False: there is a guard, and it was not told. To be told again, with all others, a little later.</returns>
    public bool Keep(ReadOnlySpan<byte> records)
    {
        lock (_gate)
        {
            int length = HeldTalk.WriteKeep(_records, records);
            return _line is null || AnswerTo(DescriptorMessage.Send((int)_line.Handle, _records.AsSpan(0, length))) != HoldAnswer.Busy;
        }
    }

    /// <summary>Of the address's sessions nothing is to be kept. Where it does not arrive nobody is hurt: whoever goes on with sessions asks both their sides first.</summary>
    public void Forget(IPAddress address)
    {
        Span<byte> message = stackalloc byte[HeldTalk.ForgetBytes];
        HeldTalk.WriteForget(message, SockAddress.From(new IPEndPoint(address, 0)).Mapped);
        lock (_gate)
        {
            if (_line is not null)
            {
                AnswerTo(DescriptorMessage.Send((int)_line.Handle, message));
            }
        }
    }

    public void Drop(ulong session)
    {
        lock (_gate)
        {
            if (_line is null)
            {
                return;
            }
            _dropped.Enqueue(session);
            if (_dropped.Count >= HeldTalk.DroppedAtOnce && !SendDropped() && _dropped.Count > WaitingMax)
            {
                Break();
            }
        }
    }

    public void SendDrops()
    {
        lock (_gate)
        {
            SendDropped();
        }
    }

    public void Dispose()
    {
        Disconnect();
        _later.Dispose();
    }

    private HoldAnswer AnswerTo(SysResult sent)
    {
        switch (sent.Error)
        {
            case Errno.None:
                return HoldAnswer.Passed;
            case Errno.EAGAIN or Errno.EINTR or Errno.ENOBUFS or Errno.ENOMEM or Errno.ETOOMANYREFS:
                return HoldAnswer.Busy;
            default:
                Break();
                return HoldAnswer.Nobody;
        }
    }

    /// <returns>True: none is left.</returns>
    private bool SendDropped()
    {
        while (_dropped.Count > 0 && _line is not null)
        {
            int count = 0, length = 0;
            foreach (ulong session in _dropped)
            {
                if (count == HeldTalk.DroppedAtOnce)
                {
                    break;
                }
                length = HeldTalk.WriteDrop(_message, count++, session);
            }
            switch (AnswerTo(DescriptorMessage.Send((int)_line.Handle, _message.AsSpan(0, length))))
            {
                case HoldAnswer.Passed:
                    for (int i = 0; i < count; i++)
                    {
                        _dropped.Dequeue();
                    }
                    break;
                case HoldAnswer.Busy:
                    SetLater();
                    return false;
            }
        }
        return _dropped.Count == 0;
    }

    private void SetLater()
    {
        if (!_laterIsSet)
        {
            _laterIsSet = true;
            _later.Change(TryAgainAfter, Timeout.InfiniteTimeSpan);
        }
    }

    private void SendLater()
    {
        lock (_gate)
        {
            _laterIsSet = false;
            SendDropped();
        }
    }

    /// <summary>What the guard holds stays there until the next line, or the end of this process: nobody is hurt by it, as sessions end by themselves.</summary>
    private void Break()
    {
        _line?.Dispose();
        _line = null;
        _dropped.Clear();
    }
}
