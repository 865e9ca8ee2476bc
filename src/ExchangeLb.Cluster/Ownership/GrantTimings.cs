using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>The times of the grant protocol that follow from the cluster's lease.</summary>
internal sealed class GrantTimings(ClusterTimings timings)
{
    /// <summary>Probes for a VIP go out so far apart, <see cref="ProbeCount"/> of them.</summary>
    internal static readonly TimeSpan ProbeGap = TimeSpan.FromMilliseconds(2);
    internal const int ProbeCount = 3;

    /// <summary>From the first probe until the last one was waited for.</summary>
    internal static readonly TimeSpan Probing = (ProbeGap * (ProbeCount - 1)) + ClusterTimings.KernelLateness;

    /// <summary>After "released" an answer is waited for so long, in place of a promise's end.</summary>
    internal static readonly TimeSpan AnswerAfterRelease = TimeSpan.FromMilliseconds(20);

    /// <summary>Young connections get so long before a hand-over.</summary>
    internal static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(60);

    /// <summary>The target may be told of quiet sessions, which go on, for so long (<see cref="Moving.MoveLimits.TellingInAll"/>).</summary>
    internal static readonly TimeSpan TellLimit = TimeSpan.FromSeconds(12.5);

    /// <summary>Where clients don't reach the owner nothing is told ahead: the target only has to answer (<see cref="Moving.MoveLimits.Answer"/>).</summary>
    internal static readonly TimeSpan UrgentTellLimit = TimeSpan.FromMilliseconds(600);

    /// <summary>
    /// Established sessions may take so long to move before a hand-over, from then on; the mover itself gives up half a second earlier
    /// (<see cref="Moving.MoveLimits.Whole"/>).
    /// </summary>
    internal static readonly TimeSpan MoveLimit = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Frames for sessions that moved are kept so long for the new owner to run them: before, it would throw away what acknowledges bytes that it has
    /// yet to send again, and the sender would wait for its retransmission.
    /// </summary>
    internal static readonly TimeSpan RunLimit = TimeSpan.FromMilliseconds(150);

    /// <summary>The kernel lets the VIP's packets pass again after it, should this process not come to renew or end the freeze.</summary>
    internal static readonly TimeSpan Freeze = TimeSpan.FromSeconds(2);

    /// <summary>A renewal that the kernel refuses is tried again so often, and so soon, before the lease is taken for gone.</summary>
    internal const int CommitTries = 5;
    internal static readonly TimeSpan CommitAgain = TimeSpan.FromMilliseconds(3);

    /// <summary>From the end of a VIP's sessions on until it is given up for good: so long their clients can be told.</summary>
    internal static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(50);

    /// <summary>What the named target of a hand-over has not taken by then the old owner may take back.</summary>
    internal static readonly TimeSpan HandOverLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>A peer must have been better for so long before it is handed a VIP.</summary>
    internal static readonly TimeSpan Damping = TimeSpan.FromMilliseconds(300);

    /// <summary>After a hand-over that nobody took, none is begun by election for so long.</summary>
    internal static readonly TimeSpan AfterFailedHandOver = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A node that is only preferred, and can't take the sessions, is left alone by the owner for so long; after each further try for twice as long,
    /// up to 64 times.
    /// </summary>
    internal static TimeSpan AfterKept(int tries) => AfterFailedHandOver * (1 << Math.Min(tries, 6));

    /// <summary>A node that is outclassed (standby, or reaches less) leaves the VIP to the better one for so long.</summary>
    internal static readonly TimeSpan Outclassed = TimeSpan.FromSeconds(1);

    /// <summary>A suspected second owner is asked no more often. Answers are turns, and without a pause each turn would ask again.</summary>
    internal static readonly TimeSpan SuspicionProbe = TimeSpan.FromMilliseconds(3);

    /// <summary>An owner without grants asks the wire so often whether another host uses the VIP.</summary>
    internal static readonly TimeSpan ConflictProbe = TimeSpan.FromMilliseconds(200);

    internal ClusterTimings Cluster => timings;
    internal TimeSpan Lease => timings.Lease;
    internal TimeSpan Promise => timings.Promise;
    internal TimeSpan Renewal => timings.Renewal;

    /// <summary>
    /// The next commit must come within it. A kernel cuts it to whole ticks and begins in the midst of one: of 10 ms at HZ=250 4 to 8 are left, of
    /// 5 ms (which short leases had) none to 4, so that one commit in forty came too late on an idle host.
    /// </summary>
    internal static readonly TimeSpan Permit = TimeSpan.FromMilliseconds(10);

    /// <summary>30..60 ms: probing takes 10.</summary>
    internal TimeSpan Claim { get; } = TimeSpan.FromMilliseconds(Math.Clamp(timings.Lease.TotalMilliseconds / 8, 30, 60));

    /// <summary>Silence after which a node asks.</summary>
    internal TimeSpan Ask => timings.Lease / 4;

    /// <summary>Silence of the peer after which its kernel's answer alone lets the owner go on.</summary>
    internal TimeSpan SoloSilence => timings.Lease / 3;

    /// <summary>Each better node that is there delays the start of an acquisition by this.</summary>
    internal TimeSpan Rank { get; } = TimeSpan.FromMilliseconds(Math.Clamp(timings.Lease.TotalMilliseconds * 0.15, 20, 60));
}
