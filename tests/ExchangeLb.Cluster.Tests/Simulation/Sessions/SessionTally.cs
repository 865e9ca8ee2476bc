namespace ExchangeLb.Cluster.Tests.Simulation.Sessions;

/// <summary>What became of sessions: a story in which all are lost proves little.</summary>
internal sealed class SessionTally
{
    /// <summary>Went along with their VIP.</summary>
    internal int Moved { get; set; }

    /// <summary>Frozen for a move, and still as they were told ahead.</summary>
    internal int AsTold { get; set; }

    /// <summary>Hand-overs that were given up.</summary>
    internal int MovesKept { get; set; }

    /// <summary>Connections between nodes that ended with images on their way, or before.</summary>
    internal int ConnectionsLost { get; set; }

    /// <summary>Gone on with from a record.</summary>
    internal int Continued { get; set; }

    /// <summary>Of these, from what the guard of the same node had left.</summary>
    internal int ContinuedAsLeft { get; set; }

    /// <summary>Reset by a new owner: told to be active, or not where the record said, or not known.</summary>
    internal int Reset { get; set; }

    /// <summary>Where a new owner had heard the truth of a quiet session, both ends of which it reached.</summary>
    internal int Keepable { get; set; }

    /// <summary>Of these it went on with so many.</summary>
    internal int Kept { get; set; }

    /// <summary>Gone on with while another owner, split off in both networks, had it, too.</summary>
    internal int Disputed { get; set; }

    /// <summary>Reset by their former owner, which stayed, after another one had gone on with them.</summary>
    internal int Overtaken { get; set; }

    /// <summary>Reset by an owner that was told that another node, or itself, had lost them.</summary>
    internal int Listed { get; set; }

    /// <summary>Gone on with by an owner that had lost its VIP by accident, and got it again.</summary>
    internal int KeptThroughLoss { get; set; }

    internal void Add(SessionTally other)
    {
        Moved += other.Moved;
        AsTold += other.AsTold;
        MovesKept += other.MovesKept;
        ConnectionsLost += other.ConnectionsLost;
        Continued += other.Continued;
        ContinuedAsLeft += other.ContinuedAsLeft;
        Reset += other.Reset;
        Keepable += other.Keepable;
        Kept += other.Kept;
        Disputed += other.Disputed;
        Overtaken += other.Overtaken;
        Listed += other.Listed;
        KeptThroughLoss += other.KeptThroughLoss;
    }

    public override string ToString() => $"{Moved} moved, {AsTold} were as they were told ahead, {MovesKept} hand-overs given up, {ConnectionsLost} connections between nodes lost, {Continued} continued ({ContinuedAsLeft} as the guard had left them), {Reset} reset, {Kept} of {Keepable} kept that could be, {Disputed} run by two in a split, of which the one that stayed reset {Overtaken}, {Listed} lost and reset by who was told, {KeptThroughLoss} kept by an owner that lost its VIP by accident";
}
