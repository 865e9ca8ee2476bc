using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Traffic;

/// <summary>
/// The servers behind the proxies: one thread, one epoll, all ports. Answers requests of <see cref="Protocol"/>, and TLS hellos of health
/// checks with an alert. Bulk costs it little: what it sends is one shared buffer, what it receives is discarded in the kernel.
/// </summary>
internal sealed unsafe class BackendServer : IDisposable
{
    private const int AcceptBatch = 16, ScratchLength = 64 * 1024, MostDescriptors = 1 << 20, Listening = 1 << 30;
    private const nint LongestDiscard = 8 << 20;

    private static ReadOnlySpan<byte> HandshakeFailure => [0x15, 3, 1, 0, 2, 2, 40];   // alert, TLS 1.0 record, fatal: RFC 8446, 6.2

    private readonly Poller _poller = new();
    private readonly List<int> _listeners = [];
    private readonly BackendSession* _sessions =
        (BackendSession*)NativeMemory.AllocZeroed(MostDescriptors, (nuint)sizeof(BackendSession));   // touched pages only take memory
    private readonly byte* _scratch = (byte*)NativeMemory.AlignedAlloc(ScratchLength, 4096);
    private readonly byte* _firstPart = Filler.Copy();   // the first part of an answer, whose head is written anew each time
    private readonly Thread _thread;
    private volatile bool _stops;

    /// <summary>Listens on all ports and serves; the thread has the affinity of the caller.</summary>
    internal BackendServer(IEnumerable<int> ports)
    {
        foreach (var port in ports)
        {
            var listener = Tcp.Listen(port);
            _listeners.Add(listener);
            _poller.WatchListener(listener, Listening | (long)listener);
        }
        _thread = new Thread(Serve) { Name = "backend", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stops = true;
        _thread.Join();
        _listeners.ForEach(listener => Libc.Close(listener));
        _poller.Dispose();
        NativeMemory.Free(_sessions);
        NativeMemory.AlignedFree(_scratch);
        NativeMemory.AlignedFree(_firstPart);
    }

    private void Serve()
    {
        while (!_stops)
        {
            foreach (ref readonly var happened in _poller.Wait(TimeSpan.FromMilliseconds(200)))
            {
                var fd = (int)(happened.Data & ~Listening);
                if ((happened.Data & Listening) != 0) { Accept(fd); }
                else { Advance(fd, (happened.Events & EpollEvents.PeerClosed) != 0); }
            }
        }
    }

    private void Accept(int listener)
    {
        for (var i = 0; i < AcceptBatch; i++)
        {
            var fd = Tcp.Accept(listener);
            if (fd < 0) { return; }
            _sessions[fd] = default;
            _poller.Watch(fd, fd);
        }
    }

    private void Advance(int fd, bool peerClosed)
    {
        var session = _sessions + fd;
        while (true)
        {
            if (session->IsAnswering)
            {
                if (!Answer(fd, session)) { return; }
                if (!peerClosed) { return; }        // the queue was read empty before: a later request raises a new event
            }
            if (!Read(fd, session, peerClosed)) { return; }
        }
    }

    // True when there may be more to do.
    private bool Read(int fd, BackendSession* session, bool peerClosed)
    {
        var discard = session->HasHead && session->BodyLeft > ScratchLength && (session->Ask & AskFor.VerifyBody) == 0;
        var wanted = discard ? (nint)Math.Min(session->BodyLeft, (ulong)LongestDiscard) : ScratchLength;
        var count = discard ? Libc.Receive(fd, null, wanted, MessageFlags.Truncate) : Libc.Receive(fd, _scratch, wanted, 0);
        if (count < 0)
        {
            var error = Libc.Error;
            if (error is not (Errno.Again or Errno.Interrupted)) { Libc.Close(fd); }
            return error == Errno.Interrupted;
        }
        if (count == 0)
        {
            Libc.Close(fd);
            return false;
        }
        if (discard) { session->TakeUnread((ulong)count); }
        else if (!session->Take(new ReadOnlySpan<byte>(_scratch, (int)count)))
        {
            Refuse(fd, session);
            return false;
        }
        return session->IsAnswering || peerClosed || count == wanted;
    }

    // A health check's hello is answered as a server without a common version would; anything else foreign is reset.
    private void Refuse(int fd, BackendSession* session)
    {
        if (!session->IsBetweenRequests || _scratch[0] != Protocol.TlsHandshake)
        {
            Tcp.Reset(fd);
            return;
        }
        fixed (byte* alert = HandshakeFailure) { Libc.Send(fd, alert, HandshakeFailure.Length, MessageFlags.NoSignal); }
        Libc.Close(fd);
    }

    // True when the answer is out and the connection stays open.
    private bool Answer(int fd, BackendSession* session)
    {
        if ((session->Ask & AskFor.ResetInsteadOfAnswer) != 0)
        {
            Tcp.Reset(fd);
            return false;
        }
        var length = session->AnswerLength;
        while (session->Sent < length)
        {
            if (session->Sent < Protocol.AnswerHeadLength)
            {
                Protocol.WriteAnswerHead(new Span<byte>(_firstPart, Protocol.AnswerHeadLength), session->AnswerTag, length);
            }
            var position = (int)(session->Sent % Filler.Length);
            var part = (session->Sent < Filler.Length ? _firstPart : Filler.Bytes) + position;
            var count = Libc.Send(fd, part, (nint)Math.Min((ulong)(Filler.Length - position), length - session->Sent), MessageFlags.NoSignal);
            if (count >= 0) { session->Sent += (ulong)count; }
            else { return WaitUntilWritable(fd, session); }
        }
        if ((session->Ask & AskFor.CloseAfterAnswer) != 0)
        {
            Libc.Close(fd);
            return false;
        }
        session->BeginNext();
        return true;
    }

    private bool WaitUntilWritable(int fd, BackendSession* session)
    {
        if (Libc.Error is not (Errno.Again or Errno.Interrupted)) { Libc.Close(fd); }
        else if (!session->WatchesOut)
        {
            session->WatchesOut = true;
            _poller.WatchBoth(fd, fd, known: true);   // the change itself raises the event, should it be writable already
        }
        return false;
    }
}
