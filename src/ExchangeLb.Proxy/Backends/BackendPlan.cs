using ExchangeLb.Core.Model;

namespace ExchangeLb.Proxy.Backends;

/// <summary>
/// A backend as one configuration wants it: the model, with its servers and stick rules resolved. Complete before it is put to work
/// by <see cref="BackendState.Become"/>, and replaced whole by the next one.
/// </summary>
/// <param name="index">Among the running backends of its configuration.</param>
/// <param name="servers">In the order of the model; those that were there before are the same objects.</param>
internal sealed class BackendPlan(int index, BackendState state, BackendModel model, ServerState[] servers)
{
    public int Index { get; } = index;
    public BackendState State { get; } = state;
    public BackendModel Model { get; } = model;
    public ServerState[] Servers { get; } = servers;
    public StickRules Stick { get; set; } = StickRules.None;

    /// <summary>`fullconn`, or what stands for it (`slim` of the CSV).</summary>
    public int FullLoad { get; set; }
}
