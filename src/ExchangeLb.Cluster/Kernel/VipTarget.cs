using System;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>A VIP as nft and rtnetlink want it.</summary>
internal sealed class VipTarget(VipModel model)
{
    internal IPAddress Address { get; } = model.Address;

    internal int PrefixLength { get; } = model.PrefixLength;

    internal string Device { get; } = model.Device;

    internal bool V6 { get; } = model.Address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>How the names of its family's sets end.</summary>
    internal string Family => V6 ? "6" : "4";

    /// <summary>As an nft element.</summary>
    internal string Text { get; } = model.Address.ToString();

    /// <summary>The set that holds the incarnation whose lease this is.</summary>
    internal string Holder { get; } = "holder_" + Convert.ToHexStringLower(model.Address.GetAddressBytes());
}
