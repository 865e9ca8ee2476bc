using System;
using ExchangeLb.Core.Health;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Control;

/// <summary>What the controls of all servers share.</summary>
/// <param name="Say">Writes a line to the log of the server's backend.</param>
/// <param name="Tell">Sends a message to every loop.</param>
/// <param name="BackendChanged">The number of usable servers of the backend may have changed.</param>
internal sealed record ServerControlContext(
    ControlLoop Control,
    Random Random,
    Action<BackendState, StateLine> Say,
    Action<LoopMessage> Tell,
    Action<BackendState> BackendChanged)
{
    /// <summary>`spread-checks`, 0..50.</summary>
    public int SpreadChecksPercent { get; set; }
}
