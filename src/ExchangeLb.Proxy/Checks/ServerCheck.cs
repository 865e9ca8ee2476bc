using System;
using System.Net;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Control;

namespace ExchangeLb.Proxy.Checks;

/// <summary>
/// Checks one server again and again: wait, connect, talk, judge. The next check starts one interval after the last one started
/// (at once when that one took longer), so that a server that answers nothing is left after fall intervals and one time-out, not
/// after fall times both. Owner: the control thread.
/// </summary>
internal sealed class ServerCheck(ControlLoop control, ServerModel server, BackendModel backend, Action<CheckReport> report)
{
    /// <summary>Bytes read of an answer at once; the readers bound what they keep.</summary>
    private const int ReadSize = 4096;
    private readonly byte[] _buffer = new byte[ReadSize];
    private ControlTimer? _next;
    private ControlTimer? _deadline;
    private CheckTalk? _talk;
    private int _fd = -1;
    private int _sent;
    private long _startedMs;
    private bool _connected;

    private ServerModel _server = server;
    private BackendModel _backend = backend;

    /// <summary>A check is going on now.</summary>
    public bool Running => _talk is not null;

    /// <summary>The next check is as another configuration says; one that is going on ends as it began.</summary>
    public void Become(ServerModel server, BackendModel backend)
    {
        _server = server;
        _backend = backend;
    }

    /// <summary>The interval has changed: the check that is waited for comes when it is over since the start of the last one.</summary>
    public void Reschedule(int intervalMs)
    {
        if (!Running && _next is { Fired: false, Cancelled: false } next && _startedMs != 0)
        {
            next.Cancel();
            ContinueAfter(intervalMs);
        }
    }

    /// <summary>Starts checking after the delay.</summary>
    public void StartIn(int delayMs)
    {
        Stop();
        _next = control.At(control.NowMs + delayMs, Begin);
    }

    /// <summary>Starts the next check when the interval since the start of the last one is over.</summary>
    public void ContinueAfter(int intervalMs) =>
        _next = control.At(Math.Max(control.NowMs, _startedMs + intervalMs), Begin);

    public void Stop()
    {
        _next?.Cancel();
        Close();
    }

    private void Begin()
    {
        _startedMs = control.NowMs;
        _talk = CheckTalk.For(_backend.Check, control.UnixMs);
        _connected = false;
        _sent = 0;
        SockAddress address = Target();
        SysResult made = TcpSocket.Create(address.Family);
        if (made.Failed)
        {
            Finish(CheckResult.SocketError, 0, made.Describe());
            return;
        }
        _fd = made.Count;
        TcpSocket.ResetOnClose(_fd);    // leaves no TIME_WAIT behind, and tells the server that nothing follows
        if (_server.Source is { } source)
        {
            TcpSocket.Bind(_fd, SockAddress.From(source).WithPort(0));
        }
        SysResult connecting = TcpSocket.Connect(_fd, address);
        if (connecting.Failed && connecting.Error != Errno.EINPROGRESS)
        {
            Finish(CheckResult.ConnectError, 0, connecting.Describe());
            return;
        }
        _deadline = control.At(_startedMs + CheckSchedule.ConnectTimeoutMs(_server, _backend), TimedOut);
        if (control.Watch(_fd, EpollBits.EPOLLOUT, OnEvent).Failed)
        {
            Finish(CheckResult.SocketError, 0, "no memory for another socket");
        }
    }

    private SockAddress Target()
    {
        int port = _server.CheckPort != 0 ? _server.CheckPort : _server.Port;
        return SockAddress.From(new IPEndPoint(_server.CheckAddress ?? _server.Address, port));
    }

    private void OnEvent(EpollBits bits)
    {
        if (!_connected && !Connected(bits))
        {
            return;
        }
        if (_sent < _talk!.Request.Length)
        {
            Send();
        }
        else
        {
            Receive();
        }
    }

    private bool Connected(EpollBits bits)
    {
        Errno error = (bits & (EpollBits.EPOLLERR | EpollBits.EPOLLHUP)) != 0 ? TcpSocket.TakeError(_fd) : Errno.None;
        if (error != Errno.None)
        {
            Finish(CheckResult.ConnectError, 0, SysResult.FromError(error).Describe());
            return false;
        }
        _connected = true;
        if (_talk!.ConnectIsEnough)
        {
            Finish(CheckResult.ConnectOk, 0, "");
            return false;
        }
        if (CheckSchedule.AnswerTimeoutMs(_backend) is > 0 and int waitMs)
        {
            _deadline!.Cancel();
            _deadline = control.At(control.NowMs + waitMs, TimedOut);
        }
        return true;
    }

    private void Send()
    {
        SysResult sent = TcpSocket.Send(_fd, _talk!.Request.AsSpan(_sent), more: false);
        if (sent.Failed && !sent.WouldBlock)
        {
            Receive();      // the answer, if one came, or the error
            return;
        }
        _sent += Math.Max(0, sent.Count);
        if (_sent == _talk.Request.Length)
        {
            control.Change(_fd, EpollBits.EPOLLIN);
        }
    }

    private void Receive()
    {
        SysResult read = TcpSocket.Receive(_fd, _buffer);
        if (read.WouldBlock)
        {
            return;
        }
        if (read.Failed)
        {
            Finish(CheckResult.SocketError, 0, read.Describe());    // HAProxy's verdict on a reset once connected
            return;
        }
        if (read.Count == 0)
        {
            _talk!.End();
        }
        else if (!_talk!.Feed(_buffer.AsSpan(0, read.Count)))
        {
            return;
        }
        (CheckResult result, int code, string info) = _talk.Verdict;
        Finish(result, code, info);
    }

    private void TimedOut() => Finish(_connected ? _talk!.Timeout : CheckResult.ConnectTimeout, 0, "");

    private void Finish(CheckResult result, int code, string info)
    {
        Close();
        report(new CheckReport(result, code, info, (int)(control.NowMs - _startedMs)));
    }

    private void Close()
    {
        _deadline?.Cancel();
        _talk = null;
        if (_fd >= 0)
        {
            control.Forget(_fd);
            Descriptor.Close(_fd);
            _fd = -1;
        }
    }
}
