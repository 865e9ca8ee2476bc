using System.Collections.Immutable;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Rules;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Logging;

namespace ExchangeLb.Proxy.Frontends;

/// <summary>A `use_backend` rule ready to be asked. A disabled backend is null: who is sent there finds no server.</summary>
internal readonly record struct BackendRule(CompiledCondition? Condition, BackendState? Backend);

/// <summary>
/// A frontend as one configuration wants it. Complete before the loops see it; a session keeps the one that it began with, by its
/// listener.
/// </summary>
/// <param name="sessionLimit">Concurrent sessions at which accepting pauses.</param>
/// <param name="loops">How many loops there are.</param>
internal sealed class FrontendPlan(FrontendState state, ProxyModel proxy, FrontendModel model, int sessionLimit, int loops)
{
    public FrontendState State { get; } = state;
    public ProxyModel Proxy { get; } = proxy;
    public FrontendModel Model { get; } = model;
    public int SessionLimit { get; } = sessionLimit;

    /// <summary>In order; the first that holds wins.</summary>
    public ImmutableArray<BackendRule> Rules { get; set; } = [];

    /// <summary>What the rules' `nbsrv` reads, see <see cref="RunningProxies.UsableServers"/>.</summary>
    public int[] UsableServers { get; set; } = [];

    /// <summary>Where sessions go that no rule sends elsewhere; null: nowhere.</summary>
    public BackendState? DefaultBackend { get; set; }

    /// <summary>Where each loop writes this frontend's lines: set by that loop before its first session.</summary>
    public LogSink[][] Sinks { get; } = new LogSink[loops][];
}
