using System;
using System.Collections.Generic;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;

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

    /// <summary>Named, and without sockets so far.</summary>
    private readonly List<(SessionImage Image, bool Frozen)> _late = [];
    private readonly List<ConnectionStand> _missed = [];
    private int _missedCount;
    private string? _whyMissed;

    /// <summary>All that have sockets.</summary>
    public int Count { get; private set; }

    /// <summary>Those of them that are to run, but for clients who wait in line.</summary>
    public int StandingCount => _standing.Count - WaitingCount;

    /// <summary>Clients who are to wait in line.</summary>
    public int WaitingCount { get; private set; }

    /// <param name="others">Sessions of all books that have sockets.</param>
    /// <returns>Null, or what is wrong with the image.</returns>
    public string? Adopt(ulong id, ReadOnlySpan<byte> bytes, int others, int waiting)
    {
        ImageClock now = ImageClock.Now;
        DropTold(id);
        if (SessionImageCodec.Read(bytes, now) is not { } image)
        {
            return Unreadable;
        }
        StandOrWait(image, now, others, waiting, frozen: true);
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

    /// <param name="others">Sessions of all books that have sockets.</param>
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
        StandOrWait(image, now, others, waiting, frozen: false);
        return null;
    }

    /// <summary>What was told and not named is dropped, and what this was in the way of has its last chance.</summary>
    /// <param name="room">Sessions of all books that are to run, and clients who are to wait.</param>
    public MissedSessions Settle(Func<(int Others, int Waiting)> room)
    {
        DropTold();
        foreach ((SessionImage image, bool frozen) in _late)
        {
            (int others, int waiting) = room();
            if (restoring.Open(image, ImageClock.Now, others, out AdoptedSession? session, waiting, frozen) is { } problem)
            {
                Miss(image, problem);
            }
            else
            {
                Stand(session!);
            }
        }
        _late.Clear();
        return new MissedSessions(_missedCount, _whyMissed);
    }

    /// <summary>Those that are to run; they are no more in this book's hands.</summary>
    public List<AdoptedSession> Take()
    {
        DropTold();
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

    /// <summary>What was told and has ended since may have its addresses, or its place: then it waits for <see cref="Settle"/>.</summary>
    private void StandOrWait(SessionImage image, ImageClock now, int others, int waiting, bool frozen)
    {
        if (restoring.Open(image, now, others, out AdoptedSession? session, waiting, frozen) is null)
        {
            Stand(session!);
        }
        else
        {
            _late.Add((image, frozen));
        }
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
        _missedCount++;
        _whyMissed ??= why;
        _missed.Add(ConnectionStand.Of(image.Client));
        if (image.ServerSide is { } server)
        {
            _missed.Add(ConnectionStand.Of(server));
        }
    }

    private void DropTold()
    {
        foreach (Told told in _told.Values)
        {
            Drop(told);
        }
        _told.Clear();
    }

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
