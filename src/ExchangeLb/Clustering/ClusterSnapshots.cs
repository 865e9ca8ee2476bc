using System;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Reports;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>Puts together what the parts of a node know. Any thread.</summary>
/// <param name="own">This node's own report, made now.</param>
internal sealed class ClusterSnapshots(ClusterParts parts, Func<NodeReport> own)
{
    public ClusterSnapshot Build()
    {
        ClusterSetup setup = parts.Setup;
        ClusterView? view = parts.Mail.View;
        (VipOwnership[] vips, TimeSpan longestGap) = parts.Ownership.Read();
        TimeSpan now = parts.Clock.Now;
        return FailoverOutlook.Judge(new ClusterSnapshot
        {
            Cluster = setup.Model.Name,
            Self = setup.Self.Name,
            Nodes = [.. setup.Model.Nodes.Select(node => Node(node, view))],
            Vips = [.. setup.Model.Vips.Select((vip, index) => vip.IsGone ? null : Vip(vip, index, vips, now)).OfType<VipSnapshot>()],
            Engine = Engine(view),
            Guard = parts.Guard?.Snapshot() ?? new GuardSnapshot(),
            Kernel = parts.Kernel(),
            Replication = parts.Replication(),
            Recording = parts.Recording is { IsOn: true } recording ? recording.Snapshot() : null,
            Lease = setup.Model.Timings.Lease,
            LongestRenewalGap = longestGap,
            HooksDroppedTotal = parts.HooksDroppedTotal(),
            Events = parts.Journal.Copy(),
            Warnings = [.. parts.KernelLacks, .. setup.Model.PresentVips.Where(vip => setup.Model.NodesOutside(vip).Any()).Select(Outside), .. parts.Warnings()],
            Notes = parts.Notes(),
        });
    }

    /// <summary>The VIPs that this node owns.</summary>
    public ImmutableArray<OwnedVip> Owned()
    {
        VipOwnership[] vips = parts.Ownership.Read().Vips;
        TimeSpan now = parts.Clock.Now;
        return
        [
            .. parts.Setup.Model.Vips.Index().Where(vip => !vip.Item.IsGone && vip.Index < vips.Length && vips[vip.Index].Owner == parts.Setup.SelfId)
                .Select(vip => new OwnedVip(vip.Item.Address.ToString(), now - vips[vip.Index].OwnerSince)),
        ];
    }

    /// <summary>As a check of the file says at greater length.</summary>
    private string Outside(VipModel vip) =>
        $"{vip.Address}/{vip.PrefixLength} is outside of the network of {string.Join(", ", parts.Setup.Model.NodesOutside(vip).Select(node => node.Name))}: its clients or servers may not reach it there";

    private ClusterNodeSnapshot Node(ClusterNodeModel node, ClusterView? view)
    {
        NodeId id = new(node.Id);
        bool self = id == parts.Setup.SelfId;
        TimeSpan age = TimeSpan.Zero;
        NodeReport? report = self ? own() : parts.Reports.Find(id, out age);
        ClusterNodeSnapshot known = new(node.Name, node.Id)
        {
            IsSelf = self,
            Present = view?.Members.Contains(id) ?? false,
            UnheardOn = self || parts.Reports.HasMet(id) ? null : Ports(node),
            Priority = node.Priority,
            // Of one that is there and has not reported yet nothing is known.
            Links = view?.Members.Contains(id) ?? false ? [] : [.. node.Addresses.Select((address, index) => new LinkSnapshot(index, address.ToString(), false))],
        };
        return report is null ? known : known with
        {
            Standby = report.Standby,
            StandbyEndsWithHost = self && report.Standby && !parts.Setup.Paths.StandbyOutlivesHost,
            Fit = report.Fit,
            Unfit = report.Unfit,
            Version = report.Version,
            ConfigurationHash = report.ConfigurationHash,
            ClusterConfigurationHash = report.ClusterConfigurationHash,
            Uptime = report.Uptime + age,
            ReportAge = age,
            Links = report.Links,
            Backends = report.Backends,
            Sessions = report.Sessions,
            MaxConn = report.MaxConn,
            StickEntries = report.StickEntries,
            GuardRunning = report.GuardRunning,
            RecordsHeld = report.RecordsHeld,
        };
    }

    /// <summary>Corosync takes one port for each network, counting from `port`.</summary>
    private string Ports(ClusterNodeModel node)
    {
        int first = parts.Setup.Model.Port;
        return node.Addresses.Length == 1 ? $"{first}" : $"{first}-{first + node.Addresses.Length - 1}";
    }

    private VipSnapshot Vip(VipModel vip, int index, VipOwnership[] ownership, TimeSpan now)
    {
        VipOwnership stand = index < ownership.Length ? ownership[index] : default;
        return new VipSnapshot(vip.Address.ToString(), vip.Device)
        {
            Role = stand.Role,
            Owner = stand.Owner is { } owner ? parts.Setup.NameOf(owner) : null,
            OwnerFor = stand.Owner is null ? TimeSpan.Zero : OwnerFor(vip, stand, now),
            LeaseRemaining = stand.LeaseEnd is { } end && end > now ? end - now : null,
            Solo = stand.Solo,
            Conflict = parts.Listener.Conflicting(index),
            AcquiredTotal = stand.AcquiredTotal,
            MovedTotal = parts.Moving?.Record(index).MovedTotal ?? 0,
            LastFrozen = parts.Moving?.Record(index).Last is { Trouble: null } last ? last.Frozen : null,
        };
    }

    /// <summary>By the owner's own word, where it had become owner before this node heard of it.</summary>
    private TimeSpan OwnerFor(VipModel vip, VipOwnership stand, TimeSpan now)
    {
        TimeSpan here = now - stand.OwnerSince;
        string address = vip.Address.ToString();
        NodeReport? report = parts.Reports.Find(stand.Owner!.Value, out TimeSpan age);
        return report?.Owned.FirstOrDefault(owned => owned.Address == address) is { Address: not null } own && own.For + age > here ? own.For + age : here;
    }

    private EngineSnapshot Engine(ClusterView? view)
    {
        EngineCounters counters = parts.Engine.Counters;
        return new EngineSnapshot
        {
            Name = parts.EngineName,
            Connected = view is not null && parts.EngineConnected(),
            Epoch = view?.Epoch ?? 0,
            Quorate = view?.Quorum == QuorumVerdict.Quorate,
            SentTotal = counters.SentTotal,
            ReceivedTotal = counters.ReceivedTotal,
            SendRefusedTotal = counters.RefusedTotal + parts.Gathered.RefusedTotal,
            RejectedTotal = parts.RejectedTotal(),
            UnknownVipTotal = parts.UnknownVipTotal(),
            RestartsTotal = counters.RestartsTotal,
        };
    }
}
