using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Datagrams;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Process;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Recording;

namespace ExchangeLb.Clustering.Guarding;

/// <summary>
/// The guard's duplicates of sockets of quiet sessions. When the balancer is dead, and fenced, they are closed in repair mode, without a packet: so the
/// kernel says nothing of the sessions, and another node can go on with them. In any other case they are just closed: then the balancer's own sockets
/// are what counts. With them go the records of all sessions (<see cref="KeptRecords"/>), which the next process of the balancer
/// finds in a file. Owner: the guard's thread.
/// </summary>
/// <param name="sessionsMax">Others are refused, which costs them no more than their life after the balancer's death.</param>
internal sealed class HeldSockets(string socketPath, int sessionsMax, Action<string> log) : IDisposable
{
    /// <summary>Descriptors that the guard has for itself, with room to spare.</summary>
    private const int OwnDescriptors = 128;

    private const ulong Listening = 0;
    private const ulong Talking = 1;

    /// <summary>Messages read in one turn: the death of the balancer must not wait behind more.</summary>
    private const int ReadPerTurn = 256;

    private readonly Dictionary<ulong, (int Client, int Server)> _held = [];
    private readonly KeptRecords _kept = new(KeptRecords.DefaultCapacity);
    private readonly EpollSet _epoll = new();
    private readonly EpollEvent[] _events = GC.AllocateUninitializedArray<EpollEvent>(2, pinned: true);
    private readonly byte[] _message = new byte[HeldTalk.MessageMaxBytes];
    private Socket? _listener;
    private Socket? _line;
    private bool _ended;
    private bool _refusalIsSaid;

    /// <summary>How many sessions this process has room for.</summary>
    public static int SessionsMax => (int)Math.Clamp(((long)Math.Min(DescriptorLimit.Read().Soft, 1 << 20) - OwnDescriptors) / 2, 0, 1 << 18);

    /// <summary>Readable when <see cref="Turn"/> has something to do.</summary>
    public int Fd => _epoll.Fd;

    public int Count => _held.Count;

    public int Capacity => Lack is null ? sessionsMax : 0;

    /// <summary>Why nothing can be held here; null: it can.</summary>
    public string? Lack { get; private set; } = "it was not opened";

    /// <summary>Opens the socket for balancers, where this host allows what comes after.</summary>
    /// <param name="repair"><see cref="RepairSupport.Probe"/>.</param>
    public void Open(RepairSupport repair)
    {
        Lack = !repair.Works ? repair.Reason : sessionsMax == 0 ? "the limit of open files is too low" : Listen();
        if (Lack is null)
        {
            WarmUp();
        }
    }

    /// <param name="process">The balancer that is watched; 0: none is. Others are turned away.</param>
    public void Turn(int process)
    {
        SysResult waited = _epoll.Wait(_events, 0);
        for (int i = 0; i < waited.Count; i++)
        {
            if (_events[i].Data == Listening)
            {
                Accept(process);
            }
            else
            {
                Read(ReadPerTurn);
            }
        }
    }

    /// <summary>
    /// The balancer is dead, and what it passed on before its death is read. To be called behind the fence: a packet that finds no socket is answered
    /// by an RST.
    /// </summary>
    /// <returns>How many sessions were held.</returns>
    public int CloseSilently()
    {
        Read(int.MaxValue);
        int count = _held.Count;
        foreach ((int client, int server) in _held.Values)
        {
            CloseSilently(client);
            CloseSilently(server);
        }
        _held.Clear();
        HangUp();
        return count;
    }

    /// <summary>
    /// The balancer is dead, and all that it passed on is read: what is recorded of its sessions is left for its next process, as that one may be the next
    /// owner, too.
    /// </summary>
    /// <returns>How many sessions; 0: there is no file.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public int LeaveRecords(string file)
    {
        int count = _kept.Count;
        File.Delete(file);
        if (count > 0)
        {
            string unfinished = file + ".new";
            File.Delete(unfinished);
            using (FileStream stream = new(unfinished, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                _kept.Write(stream, ImageClock.Now);
            }
            File.Move(unfinished, file);
        }
        return count;
    }

    /// <summary>The balancer ends in order, or is to pass everything again: its own sockets are not touched by this.</summary>
    public void Close()
    {
        HangUp();
        foreach ((int client, int server) in _held.Values)
        {
            Descriptor.Close(client);
            Descriptor.Close(server);
        }
        _held.Clear();
        _kept.Clear();
    }

    public void Dispose()
    {
        Close();
        if (_listener is not null)
        {
            _listener.Dispose();
            File.Delete(socketPath);
        }
        _epoll.Dispose();
    }

    private string? Listen()
    {
        File.Delete(socketPath);
        _listener = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            _listener.Bind(new UnixDomainSocketEndPoint(socketPath));
            File.SetUnixFileMode(socketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(4);
        }
        catch (Exception failure) when (failure is SocketException or IOException or UnauthorizedAccessException)
        {
            return $"{socketPath}: {failure.Message}";
        }
        _epoll.Add((int)_listener.Handle, EpollBits.EPOLLIN, Listening);
        return null;
    }

    /// <summary>In earnest it must not wait for the compiler.</summary>
    private void WarmUp()
    {
        Put(0, TcpSocket.Create(SockAddress.AF_INET).Count, TcpSocket.Create(SockAddress.AF_INET).Count);
        CloseSilently();
    }

    private void Accept(int process)
    {
        try
        {
            Socket arrived = _listener!.Accept();
            if (process == 0 || PeerProcess.Of(arrived) != process)
            {
                arrived.Dispose();
                return;
            }
            Close();        // it has begun anew
            arrived.Blocking = false;
            _line = arrived;
            _epoll.Add((int)arrived.Handle, EpollBits.EPOLLIN, Talking);
        }
        catch (SocketException)
        {
            // It went before it was accepted.
        }
    }

    /// <summary>At its end what is held stays: it may be the first sign of the balancer's death.</summary>
    private void Read(int messages)
    {
        for (int i = 0; i < messages && _line is { } line && !_ended; i++)
        {
            SysResult received = DescriptorMessage.Receive((int)line.Handle, _message, out int client, out int server);
            if (received.WouldBlock)
            {
                return;
            }
            if (received.Value == 0 || (received.Failed && received.Error is not (Errno.EINTR or Errno.EMSGSIZE)))
            {
                _ended = true;
                _epoll.Remove((int)line.Handle);
                return;
            }
            Take(_message.AsSpan(0, Math.Max(0, received.Count)), client, server);
        }
    }

    private void Take(ReadOnlySpan<byte> message, int client, int server)
    {
        if (HeldTalk.TryReadHold(message, out ulong session) && server >= 0)
        {
            Put(session, client, server);
            return;
        }
        if (HeldTalk.TryReadKeep(message, out ReadOnlySpan<byte> records))
        {
            TakeRecords(records);
        }
        else if (HeldTalk.TryReadForget(message, out UInt128 address))
        {
            _kept.Forget(address);
        }
        for (int i = 0; i < HeldTalk.DroppedBy(message); i++)
        {
            if (_held.Remove(HeldTalk.Dropped(message, i), out (int Client, int Server) pair))
            {
                Descriptor.Close(pair.Client);
                Descriptor.Close(pair.Server);
            }
        }
        if (client >= 0)
        {
            Descriptor.Close(client);
            Descriptor.Close(server);
        }
    }

    private void TakeRecords(ReadOnlySpan<byte> records)
    {
        long before = _kept.RefusedTotal;
        _kept.Take(records, ImageClock.Now);
        if (before == 0 && _kept.RefusedTotal > 0)
        {
            log(FormattableString.Invariant($"records of {_kept.Count} sessions are kept; some were refused (room for {KeptRecords.DefaultCapacity}): those end with the balancer"));
        }
    }

    private void Put(ulong session, int client, int server)
    {
        if (_held.Remove(session, out (int Client, int Server) former))
        {
            Descriptor.Close(former.Client);
            Descriptor.Close(former.Server);
        }
        if (_held.Count < sessionsMax)
        {
            _held.Add(session, (client, server));
            return;
        }
        Descriptor.Close(client);
        Descriptor.Close(server);
        if (!_refusalIsSaid)
        {
            _refusalIsSaid = true;
            log(FormattableString.Invariant($"sockets of {sessionsMax} sessions are held, no more: others end with the balancer"));
        }
    }

    private void HangUp()
    {
        _line?.Dispose();
        _line = null;
        _ended = false;
        _refusalIsSaid = false;
    }

    private static void CloseSilently(int fd)
    {
        if (TcpDump.CloseSilently(fd).Failed)
        {
            Descriptor.Close(fd);
        }
    }
}
