using ExchangeLb.Linux.Frames;

namespace ExchangeLb.Proxy.Recording;

/// <summary>Both connections of a session of this node, as it knows them.</summary>
internal readonly record struct SessionStand(HalfNumbers Client, HalfNumbers Server);

internal enum CheckVerdict
{
    /// <summary>A side did not answer.</summary>
    Open,

    /// <summary>Both sides stand where this node does, or behind: then something is on its way to them.</summary>
    Here,

    /// <summary>A side has sent what this node has not got: it was lost, and will be sent again, or another node has it.</summary>
    Ahead,

    /// <summary>A side has got what this node never sent: another node has gone on with the session.</summary>
    Elsewhere,
}

/// <summary>One of this node's sessions whose sides were asked where they stand. Noted by the thread that hears them, then judged by the session's loop.</summary>
internal sealed class CheckedSession(ulong id, int index, uint generation, ConnectionEnds client, ConnectionEnds server)
{
    public ulong Id => id;
    public int Index => index;
    public uint Generation => generation;
    public ConnectionEnds Client => client;
    public ConnectionEnds Server => server;

    /// <summary>What each side expects and sends next, from its last segment; null: nothing was heard of it.</summary>
    public HalfNumbers? ClientSaid { get; private set; }

    public HalfNumbers? ServerSaid { get; private set; }

    public bool WasHeard => ClientSaid is not null || ServerSaid is not null;

    public void Hear(in TcpSegment segment, bool isClient)
    {
        if (segment.Resets || !segment.Acknowledges)
        {
            return;     // a socket that gets a true reset ends by itself
        }
        HalfNumbers said = new(segment.Acknowledged, unchecked(segment.Sequence + (uint)segment.Length));
        if (isClient) { ClientSaid = said; }
        else { ServerSaid = said; }
    }

    /// <param name="now">Read after both were heard: what came or went meanwhile is in it.</param>
    public CheckVerdict VerdictAt(in SessionStand now)
    {
        CheckVerdict ofClient = VerdictOn(ClientSaid, now.Client), ofServer = VerdictOn(ServerSaid, now.Server);
        return ofClient == CheckVerdict.Open || ofServer == CheckVerdict.Open ? Worse(ofClient, ofServer) is CheckVerdict.Elsewhere ? CheckVerdict.Elsewhere : CheckVerdict.Open
            : Worse(ofClient, ofServer);
    }

    private static CheckVerdict Worse(CheckVerdict one, CheckVerdict other) => one > other ? one : other;

    private static CheckVerdict VerdictOn(HalfNumbers? said, in HalfNumbers known) =>
        said is not { } numbers ? CheckVerdict.Open
        : IsBehind(known.SendUnacked, numbers.SendUnacked) ? CheckVerdict.Elsewhere
        : IsBehind(known.ReceiveNext, numbers.ReceiveNext) ? CheckVerdict.Ahead
        : CheckVerdict.Here;

    private static bool IsBehind(uint one, uint other) => unchecked((int)(other - one)) > 0;
}
