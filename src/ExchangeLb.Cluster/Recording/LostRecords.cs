using System;

namespace ExchangeLb.Cluster.Recording;

/// <summary>Sessions that a node has lost, and of which the next owner of their VIP resets what nobody goes on with.</summary>
/// <param name="IsOwn">This node lost them: it tells every other one that it hears anew, for who seemed to be there when they were lost may have heard nothing.</param>
/// <param name="TellAt">When they are told again though nobody came: they could not be sent; <see cref="TimeSpan.MaxValue"/>: they were.</param>
/// <param name="ForgetAt">When they are of no use any more.</param>
internal readonly record struct LostRecords(byte[] Records, bool IsOwn, TimeSpan TellAt, TimeSpan ForgetAt);
