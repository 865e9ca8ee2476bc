using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.HandOver;

namespace ExchangeLb.Proxy.Recording;

/// <summary>A recorded session with sockets, until it is known whether it goes on. Owner: the thread that takes over.</summary>
internal sealed class ProvedSession
{
    private const string Homeless = "the configuration here has no such frontend, or no such server";

    private readonly ImageClock _opened;

    private ProvedSession(StoredRecord record, AdoptedSession? adopted, string? lack, ImageClock opened)
    {
        Record = record;
        Adopted = adopted;
        Lack = lack;
        _opened = opened;
    }

    public StoredRecord Record { get; }

    /// <summary>What goes on if the record is true; null: it was told to be active, or has no place here.</summary>
    public AdoptedSession? Adopted { get; }

    /// <summary>Why it can't go on here though it was told to be quiet; null: it can, or was not.</summary>
    public string? Lack { get; }

    /// <summary>-1: closed.</summary>
    public int ClientFd { get; private set; } = -1;

    public int ServerFd { get; private set; } = -1;

    public SessionProof Proof { get; private set; } = null!;

    /// <param name="others">Restored before, with a place here.</param>
    /// <param name="mayAsk">There is room for one that is only asked.</param>
    /// <param name="lacks">Null came of no room, or of a kernel that made no socket; false: this node has a socket of each of its connections already.</param>
    /// <returns>Null: a socket can't be made. Nothing is left then.</returns>
    public static ProvedSession? TryRestore(StoredRecord record, SessionRestoring restoring, ImageClock now, int others, bool mayAsk, out bool lacks)
    {
        lacks = !mayAsk;
        SessionImage? image = record.ImageAt(now);
        AdoptedSession? adopted = null;
        string? lack = record.IsQuiet && image is not null ? restoring.Open(image, now, others, out adopted) : null;
        if (adopted is not null)
        {
            if (adopted.Home is null && !mayAsk)
            {
                adopted.Drop();
                return null;
            }
            AdoptedSession? atHome = adopted.Home is null ? null : adopted;     // else it has no place here, and is reset
            return new ProvedSession(record, atHome, atHome is null ? Homeless : null, now) { ClientFd = adopted.Client.Fd, ServerFd = adopted.ServerSocket?.Fd ?? -1 };
        }
        if (!mayAsk)
        {
            return null;
        }
        // Each side by itself: where this node has one of the two connections, another session of its own has these addresses and ports by now.
        int client = OpenToAsk(record.Client, image?.Client, now, ref lacks);
        int server = record.HasServerSide ? OpenToAsk(record.Server, image?.ServerSide, now, ref lacks) : -1;
        return client < 0 && server < 0 ? null : new ProvedSession(record, adopted: null, lack, now) { ClientFd = client, ServerFd = server };
    }

    /// <param name="endMs">When it has to be decided: <see cref="SessionProof.EndOf"/>.</param>
    public void BeginProof(long endMs, ImageClock now)
    {
        SessionImage? image = Record.ImageAt(now);
        Proof = new SessionProof(Adopted is not null, ProofOf(image?.Client, now), ProofOf(image?.ServerSide, now), endMs);
    }

    public void AskBoth(long nowMs)
    {
        if (ClientFd >= 0)
        {
            Ask(Proof.Client, ClientFd, nowMs);
        }
        if (ServerFd >= 0)
        {
            Ask(Proof.Server, ServerFd, nowMs);
        }
    }

    /// <summary>Neither side said anything.</summary>
    public bool IsUnanswered => Proof.Client.Standing == HalfStanding.Unheard && Proof.Server.Standing == HalfStanding.Unheard;

    /// <summary>Resets what is to be reset, and asks again what is to be asked.</summary>
    /// <returns>True: both are done with.</returns>
    public bool Advance(long nowMs)
    {
        if (ClientFd >= 0 && Advance(Proof.Client, ClientFd, Record.Client, nowMs))
        {
            ClientFd = -1;
        }
        if (ServerFd >= 0 && Advance(Proof.Server, ServerFd, Record.Server, nowMs))
        {
            ServerFd = -1;
        }
        return ClientFd < 0 && ServerFd < 0;
    }

    /// <summary>Closes what is open without a packet.</summary>
    public void Drop()
    {
        Close(ClientFd);
        Close(ServerFd);
        ClientFd = ServerFd = -1;
    }

    private bool Advance(HalfProof half, int fd, in ConnectionEnds ends, long nowMs)
    {
        switch (Proof.StepOf(half, nowMs))
        {
            case HalfStep.Ask:
                Ask(half, fd, nowMs);
                return false;
            case HalfStep.Reset:
                Close(fd);
                HalfNumbers numbers = half.ForReset!.Value;
                SysResult _ = TcpReset.Exactly(ends.Local, ends.Remote, numbers.SendUnacked, numbers.ReceiveNext);
                return true;
            case HalfStep.Close:
                Close(fd);
                return true;
            default:
                return false;
        }
    }

    private HalfProof ProofOf(TcpImage? image, ImageClock now) =>
        image is null ? new HalfProof(record: null) : new HalfProof(HalfNumbers.Of(image), TimestampSpan.LastWords(image, _opened, now));

    /// <summary>A failure leaves the half unanswered.</summary>
    private static void Ask(HalfProof half, int fd, long nowMs)
    {
        SysResult asked = TcpProbe.Ask(fd, out uint receiveNext);
        half.NoteAsked(nowMs, asked.Ok ? receiveNext : null);
    }

    /// <returns>-1: there is no socket, or this node has one already.</returns>
    private static int OpenToAsk(in ConnectionEnds ends, TcpImage? image, ImageClock now, ref bool lacks)
    {
        RestoreResult opened = image is null ? TcpProbe.Open(ends.Local, ends.Remote) : TcpRestore.Open(image, now);
        lacks |= !opened.Ok && opened.Failure.Error is not (Errno.EADDRINUSE or Errno.EADDRNOTAVAIL);
        return opened.Ok ? opened.Socket.Fd : -1;
    }

    private static void Close(int fd)
    {
        if (fd >= 0)
        {
            TcpDump.CloseSilently(fd);
        }
    }
}
