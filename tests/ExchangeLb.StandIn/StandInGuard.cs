using System;
using System.Globalization;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.Linux.Nftables;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.StandIn;

/// <summary>The guard as it is, but for its kernel: it drops all packets instead of deleting a lease.</summary>
internal static class StandInGuard
{
    public static int Run(string state)
    {
        ClusterFiles files = new(state);
        using NftLibrary nft = NftLibrary.TryOpen() ?? throw new InvalidOperationException("libnftables is not here");
        MonotonicClock clock = new();
        using HeldSockets held = new(HeldTalk.PathBeside(files.Paths.GuardSocket), HeldSockets.SessionsMax, Say);
        held.Open(RepairSupport.Probe());
        bool fenced = false;
        int count = 0;
        void Fence(ulong incarnation, string why)
        {
            NftOutcome done = nft.Run("flush table inet fence\nadd rule inet fence inward drop\nadd rule inet fence outward drop\n");
            Say(done.Ok ? $"fenced, since {why}" : done.Text);
            fenced = true;
        }
        void Tell()
        {
            if (fenced)
            {
                Say("released");
                fenced = false;
            }
            if (held.Count != count)
            {
                count = held.Count;
                Say(string.Create(CultureInfo.InvariantCulture, $"holds {count}"));
            }
        }
        using Guard guard = new(
            files.Paths.GuardSocket, GuardTalk.Form(files.Paths.ClusterFile), TimeSpan.FromSeconds(10), clock, Fence, Say, Tell, held);
        Say("ready");
        return guard.Run() is { } problem ? throw new InvalidOperationException(problem) : 0;
    }

    private static void Say(string text) => Console.WriteLine(text);
}
