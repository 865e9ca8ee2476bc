namespace ExchangeLb.Cluster.Ownership;

/// <summary>How well this node could serve one VIP now. Election compares it between nodes before priorities.</summary>
/// <param name="Serving">The balancer runs, its loops turn and its listeners are open. Without it the node neither wants nor keeps the VIP.</param>
/// <param name="LinkUp">The VIP's device has carrier and is up. Without it likewise.</param>
/// <param name="Reached">How much of its surroundings it reaches: gateways, neighbours on the service network, backends with a usable server. Higher is better.</param>
public readonly record struct NodeFitness(bool Serving, bool LinkUp, int Reached)
{
    /// <summary>
    /// Of <see cref="Reached"/>, for one gateway, and for the last one of the neighbours; each of the others and backends are worth less. A node that reaches less by this or more is cut off from clients: then it
    /// keeps no VIP for the sake of the sessions that it has.
    /// </summary>
    public const int GatewayWorth = 10_000;
}
