using System;
using System.Collections.Generic;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>
/// The sessions of one address that came from another node and do not run yet: those that are to run, and those that were told ahead, of which only the ones
/// that are named later on are to. Not for several threads at once.
/// </summary>
internal sealed class AdoptedBook(SessionRestoring restoring)
{
    private readonly List<AdoptedSession> _standing = [];
    private readonly Dictionary<ulong, Told> _told = [];

    /// <summary>Told, with sockets if they could be made: what is in their way may be gone when they are named.</summary>
    private readonly record struct Told(AdoptedSession? Session, byte[] Image, ImageClock CameAt);

    private readonly List<ConnectionStand> _missed = [];
    private int _missedCount;
    private string? _whyMissed;

    /// <summary>All that have sockets.</summary>
    public int Count { get; private set; }

    /// <summary>Those of them that are to run, but for clients who wait in line.</summary>
    public int StandingCount => _standing.Count - WaitingCount;

    /// <summary>Clients who are to wait in line.</summary>
    public int WaitingCount { get; private set; }

    /// <returns>Null, or what is wrong with the image.</returns>
    public string? Adopt(ulong id, ReadOnlySpan<byte> bytes, int others, int waiting)
    {
        ImageClock now = ImageClock.Now;
        DropTold(id);
        if (SessionImageCodec.Read(bytes, now) is not { } image)
        {
            return Unreadable;
        }
        if (Open(image, now, others, waiting, frozen: true, out AdoptedSession? session) is { } problem)
        {
            Miss(image, problem);
        }
        else
        {
            Stand(session!);
        }
        return null;
    }

    public void AdoptTold(ulong id, ReadOnlySpan<byte> bytes, int others)
    {
        ImageClock now = ImageClock.Now;
        DropTold(id);
        AdoptedSession? session = null;
        if (SessionImageCodec.Read(bytes, now) is { } image && restoring.Open(image, now, others, out session) is null)
        {
            Count++;
        }
        _told[id] = new Told(session, session is null ? bytes.ToArray() : [], now);
    }

    /// <returns>Null, or what is wrong.</returns>
    public string? Keep(ulong id, int others, int waiting)
    {
        if (!_told.Remove(id, out Told told))
        {
            return "a session is named that was not told of";
        }
        if (told.Session is { } session)
        {
            _standing.Add(session);
            return null;
        }
        ImageClock now = ImageClock.Now;
        if (SessionImageCodec.Read(told.Image, told.CameAt)?.After((long)told.CameAt.AgeAt(now).TotalMilliseconds) is not { } image)
        {
            return Unreadable;
        }
        if (Open(image, now, others, waiting, frozen: false, out AdoptedSession? late) is { } problem)
        {
            Miss(image, problem);
        }
        else
        {
            Stand(late!);
        }
        return null;
    }

    /// <summary>What was told and not named is dropped.</summary>
    public MissedSessions Settle()
    {
        foreach (Told told in _told.Values)
        {
            Drop(told);
        }
        _told.Clear();
        return new MissedSessions(_missedCount, _whyMissed);
    }

    /// <summary>Those that are to run; they are no more in this book's hands.</summary>
    public List<AdoptedSession> Take()
    {
        List<AdoptedSession> standing = [.. _standing];
        _standing.Clear();
        WaitingCount = 0;
        Count -= standing.Count;
        return standing;
    }

    /// <summary>Those that are to run, and have no sockets: both sides are to hear that they have ended. They are no more in this book's hands.</summary>
    public List<ConnectionStand> TakeMissed()
    {
        List<ConnectionStand> missed = [.. _missed];
        _missed.Clear();
        (_missedCount, _whyMissed) = (0, null);
        return missed;
    }

    private static string Unreadable => "an image of a session is damaged, or of another release";

    /// <summary>One that has ended since it was told may have left its addresses to this one.</summary>
    private string? Open(SessionImage image, ImageClock now, int others, int waiting, bool frozen, out AdoptedSession? session)
    {
        string? problem = restoring.Open(image, now, others, out session, waiting, frozen);
        return problem is not null && DropInTheWayOf(image) ? restoring.Open(image, now, others, out session, waiting, frozen) : problem;
    }

    /// <summary>One that was not told ahead has not been quiet for long: its other side may wait for the acknowledgement that goes with a window probe.</summary>
    private void Stand(AdoptedSession session)
    {
        Count++;
        WaitingCount += session.Image.Waits ? 1 : 0;
        _standing.Add(session with
        {
            Client = session.Client with { IsQuiet = false },
            ServerSocket = session.ServerSocket is { } server ? server with { IsQuiet = false } : null,
        });
    }

    /// <summary>One that can't go on is no reason that all others end.</summary>
    private void Miss(SessionImage image, string why)
    {
        if (!image.Waits)
        {
            _missedCount++;
            _whyMissed ??= why;
        }
        _missed.Add(ConnectionStand.Of(image.Client));
        if (image.ServerSide is { } server)
        {
            _missed.Add(ConnectionStand.Of(server));
        }
    }

    private bool DropInTheWayOf(SessionImage image)
    {
        List<ulong> inTheWay = [];
        foreach ((ulong id, Told told) in _told)
        {
            if (told.Session is { } session && (IsSame(session.Image.Client, image.Client) || (session.Image.ServerSide is { } its && image.ServerSide is { } other && IsSame(its, other))))
            {
                inTheWay.Add(id);
            }
        }
        inTheWay.ForEach(DropTold);
        return inTheWay.Count > 0;
    }

    private static bool IsSame(TcpImage one, TcpImage other) => IsSame(one.Local, other.Local) && IsSame(one.Remote, other.Remote);

    private static bool IsSame(in SockAddress one, in SockAddress other) => one.Mapped == other.Mapped && one.Port == other.Port;

    private void DropTold(ulong id)
    {
        if (_told.Remove(id, out Told told))
        {
            Drop(told);
        }
    }

    private void Drop(in Told told)
    {
        if (told.Session is { } session)
        {
            session.Drop();
            Count--;
        }
    }
}
