using System;

namespace ExchangeLb.Cluster.Recording;

/// <summary>Sessions that a node has lost, and of which the next owner of their VIP resets what nobody goes on with.</summary>
/// <param name="IsUntold">They are this node's own, and it has heard no other one since.</param>
/// <param name="ForgetAt">When they are of no use any more.</param>
internal readonly record struct LostRecords(byte[] Records, bool IsUntold, TimeSpan ForgetAt);
