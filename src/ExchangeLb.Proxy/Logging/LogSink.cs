using System;
using ExchangeLb.Core.Logging;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Datagrams;

namespace ExchangeLb.Proxy.Logging;

/// <summary>One log target as one thread writes to it. Nothing waits: what cannot be sent at once is dropped and counted.</summary>
internal sealed class LogSink : IDisposable
{
    private readonly SyslogLine _frame;
    private readonly DatagramSender? _datagrams;
    private readonly int _fd = -1;
    private readonly byte[] _line;
    private long _unsent;
    private bool _closed;

    public LogSink(LogTargetModel target, GlobalModel global, int pid)
    {
        Target = target;
        _frame = new SyslogLine(target, global, pid);
        _line = new byte[_frame.MaxLength];
        switch (target.Kind)
        {
            case LogTargetKind.Udp:
                _datagrams = DatagramSender.TryOpen(target.Address!, out _);
                break;
            case LogTargetKind.UnixDatagram:
                _datagrams = DatagramSender.TryOpenUnix(target.Path!, out _);
                break;
            default:
                _fd = target.Kind switch
                {
                    LogTargetKind.Stdout => 1,
                    LogTargetKind.Stderr => 2,
                    _ => target.Descriptor,
                };
                Descriptor.SetNonBlocking(_fd);
                break;
        }
    }

    public LogTargetModel Target { get; }

    /// <summary>Lines that were not sent: nobody listens, or too slowly.</summary>
    public long DroppedTotal => _unsent + (_datagrams?.DroppedTotal ?? 0);

    public void Write(LogLevel level, long unixMs, int utcOffsetSeconds, ReadOnlySpan<byte> message)
    {
        if (_closed || !_frame.Accepts(level))
        {
            return;
        }
        int length = _frame.Write(level, unixMs * 1000, utcOffsetSeconds, message, _line);
        if (_datagrams is not null)
        {
            _datagrams.Append(_line.AsSpan(0, length));
        }
        else if (_fd < 0 || Descriptor.Write(_fd, _line.AsSpan(0, length)).Value != length)
        {
            _unsent++;
        }
    }

    public void Flush()
    {
        if (!_closed)
        {
            _datagrams?.Flush();
        }
    }

    /// <summary>What is written later is lost.</summary>
    public void Dispose()
    {
        _closed = true;
        _datagrams?.Dispose();
    }
}
