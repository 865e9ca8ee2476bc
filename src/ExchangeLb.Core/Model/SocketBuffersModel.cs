namespace ExchangeLb.Core.Model;

/// <summary>
/// How much may pile up in the kernel for each connection of one side, the clients' or the servers', in bytes from 0 to 2147483647. 0: the kernel
/// decides by itself; null: nothing is said, and the balancer decides (in a node whose sessions move it sets bounds).
/// </summary>
/// <param name="Receive">`tune.rcvbuf.…` (configuration.txt, 3.2): SO_RCVBUF, which the kernel doubles for its own cost of each segment (socket(7)).</param>
/// <param name="Send">`tune.sndbuf.…` (the same): SO_SNDBUF, doubled likewise.</param>
/// <param name="NotSent">`tune.notsent-lowat.…` (HAProxy 3.2): TCP_NOTSENT_LOWAT, what is written ahead of what can be sent.</param>
public sealed record SocketBuffersModel(int? Receive = null, int? Send = null, int? NotSent = null);
