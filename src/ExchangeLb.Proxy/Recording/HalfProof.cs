using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Proxy.Recording;

/// <summary>Where the other side of one connection stands, against its record.</summary>
internal enum HalfStanding
{
    Unheard,

    /// <summary>It has sent what this node has not got: either that was lost, and it will send it again, or the former owner had it.</summary>
    Ahead,

    /// <summary>It has all that was sent to it, no more, and has sent all that was received, no more.</summary>
    AsRecorded,

    /// <summary>The connection went on after its record.</summary>
    Elsewhere,

    /// <summary>It knows of no such connection.</summary>
    Gone,
}

/// <summary>
/// Finds out by what the other side of a restored connection sends whether its record is true. To go on with one that is not true would hang it, or
/// worse: let bytes be taken for others. Pure.
/// </summary>
/// <param name="record">Null: only addresses are known, so nothing can be true.</param>
/// <param name="lastWords">Which timestamps tell that the former owner spoke at its end, after the record; null: the connection has none.</param>
internal sealed class HalfProof(HalfNumbers? record, TimestampSpan? lastWords = null)
{
    private uint _receiveNext = record?.ReceiveNext ?? 0;

    public HalfStanding Standing { get; private set; }

    public long AskedMs { get; private set; }

    /// <summary>What it expects and sends next, from its last segment.</summary>
    public HalfNumbers? Heard { get; private set; }

    /// <summary>The numbers of a reset that it accepts: what it said, else what is recorded.</summary>
    public HalfNumbers? ForReset => Heard ?? record;

    /// <param name="kernelReceiveNext">What the kernel expects now; null: it did not say.</param>
    public void NoteAsked(long nowMs, uint? kernelReceiveNext)
    {
        AskedMs = nowMs;
        if (record is null || kernelReceiveNext is not { } receiveNext || unchecked((int)(receiveNext - _receiveNext)) <= 0)
        {
            return;
        }
        // What was sent from the recorded place on has come here: nobody had acknowledged it before.
        _receiveNext = receiveNext;
        if (Standing == HalfStanding.Ahead)
        {
            Standing = HalfStanding.AsRecorded;
        }
    }

    public void Hear(in TcpSegment segment)
    {
        if (segment.Resets)
        {
            // The answer to a segment of no connection has the number which that one acknowledged (RFC 9293, 3.10.7.1); others are not believed.
            if (record is null || segment.Sequence == _receiveNext)
            {
                Standing = HalfStanding.Gone;
            }
            return;
        }
        if (!segment.Acknowledges)
        {
            return;
        }
        Heard = new HalfNumbers(segment.Acknowledged, unchecked(segment.Sequence + (uint)segment.Length));
        if (record is not { } known || segment.Acknowledged != known.SendUnacked)
        {
            Standing = HalfStanding.Elsewhere;
            return;
        }
        int ahead = unchecked((int)(segment.Sequence - _receiveNext));
        if (Standing is HalfStanding.Unheard or HalfStanding.Ahead)
        {
            Standing = ahead == 0 || (ahead < 0 && ahead + segment.Length > 0) ? HalfStanding.AsRecorded
                : ahead > 0 ? WhetherAcknowledged(segment)
                : Standing;     // a repetition of what was received, or a keepalive: it says nothing of what comes next
        }
    }

    /// <summary>
    /// A kernel speaks for a quiet connection only when something comes. One that spoke after the record, and at its end, took what is missing here,
    /// and said so: the other side will not send it again. (One that answered a keepalive just then is taken for it: that costs a session.)
    /// </summary>
    private HalfStanding WhetherAcknowledged(in TcpSegment segment) =>
        segment.Echo is { } echo && lastWords is { } last && last.Holds(echo) ? HalfStanding.Elsewhere : HalfStanding.Ahead;
}

/// <param name="SendUnacked">What the other side expects next.</param>
/// <param name="ReceiveNext">What it sends next.</param>
internal readonly record struct HalfNumbers(uint SendUnacked, uint ReceiveNext)
{
    public static HalfNumbers Of(TcpImage image) => new(image.SendUnacked, image.ReceiveNext);
}
