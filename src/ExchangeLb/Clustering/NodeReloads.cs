using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>A node's reload: refused by name until the running balancer can take a new configuration.</summary>
internal sealed class NodeReloads : IReloads
{
    private static readonly CommandResult Refused = CommandResult.Failed("a running process does not read its configuration again; restart the node");

    public CommandResult Reload() => Refused;

    public CommandResult Prepare() => Refused;

    public CommandResult Apply() => Refused;

    public CommandResult Forget() => CommandResult.Ok;
}
