namespace ExchangeLb.DrillClient.Figures;

internal enum ProbeResult
{
    /// <summary>Connected, TLS done, a server has given its name.</summary>
    Served,
    Refused,

    /// <summary>Closed or reset after the connection was there.</summary>
    Broken,

    /// <summary>The host or network cannot be reached.</summary>
    Unreachable,
    TimedOut,
}

/// <summary>One new connection; times in µs on the <see cref="Timeline"/>, 0 for what it did not reach.</summary>
/// <param name="Source">Last byte of the client's address.</param>
/// <param name="Server">Who answered; null: nobody.</param>
internal sealed record Probe(long StartUs, long ConnectedUs, long HandshakenUs, long EndUs, ProbeResult Result, int Source, string? Server)
{
    internal bool Served => Result == ProbeResult.Served;
}
