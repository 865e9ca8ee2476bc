using System;
using ExchangeLb.Linux.Nftables;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>Which nft this host has.</summary>
internal static class Nft
{
    /// <exception cref="InvalidOperationException">None at all.</exception>
    internal static INftables Open() =>
        NftLibrary.TryOpen() as INftables ?? NftProcess.TryOpen()
        ?? throw new InvalidOperationException("neither libnftables.so.1 nor the program nft is on this host: install the package nftables");
}
