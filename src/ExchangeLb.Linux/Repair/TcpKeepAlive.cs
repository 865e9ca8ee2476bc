namespace ExchangeLb.Linux.Repair;

/// <summary>Keepalive of one socket (tcp(7)): the first probe after so much silence, then so often, and so many of them.</summary>
/// <param name="IdleSeconds">TCP_KEEPIDLE, 1..32767.</param>
/// <param name="IntervalSeconds">TCP_KEEPINTVL, 1..32767.</param>
/// <param name="Probes">TCP_KEEPCNT, 1..127.</param>
public readonly record struct TcpKeepAlive(ushort IdleSeconds, ushort IntervalSeconds, byte Probes);
