using System;

namespace ExchangeLb.Linux.Nftables;

/// <summary>Runs nft commands (nft(8)). Owner: the thread that opened it; every thread that needs one has its own.</summary>
public interface INftables : IDisposable
{
    /// <summary>Runs the commands as one transaction: all of them happen, or none.</summary>
    /// <param name="commands">In nft's own words, separated by lines or semicolons.</param>
    NftOutcome Run(string commands);
}

/// <param name="Text">What nft printed when it went well (a listing), its errors when not.</param>
public readonly record struct NftOutcome(bool Ok, string Text);
