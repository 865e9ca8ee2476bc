using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Recording;

/// <summary>How one VIP stands with regard to records. The recorder's.</summary>
internal sealed class RecordedVip(uint key)
{
    internal uint Key => key;

    /// <summary>It is not configured any more: what others tell of it is not kept.</summary>
    internal bool IsGone { get; set; }

    /// <summary>By this node.</summary>
    internal bool IsOwned { get; set; }

    /// <summary>It was lost by accident, and its sessions wait here for who is owner next.</summary>
    internal bool IsKept { get; set; }

    /// <summary>Who else owned it last, as far as this life of the node heard; null: it did itself, or nobody.</summary>
    internal NodeId? OwnerElsewhere { get; set; }

    /// <summary>When the records of others than that one are of no use any more.</summary>
    internal TimeSpan ForgetAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>When this node's own sessions are to be asked for; <see cref="TimeSpan.MaxValue"/>: no other node can have gone on with them.</summary>
    internal TimeSpan CheckAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>When they were asked for last.</summary>
    internal TimeSpan CheckedAt { get; set; } = TimeSpan.FromDays(-1);

    /// <summary>The others are told of its sessions.</summary>
    internal bool IsTold { get; set; }

    /// <summary>Sockets were made of what is recorded, in case this node becomes owner.</summary>
    internal bool IsRestored { get; set; }

    /// <summary>Records are being turned into sessions.</summary>
    internal bool IsTakingOver { get; set; }

    /// <summary>Orders to end all sessions without a packet that were not answered yet.</summary>
    internal int Abandonments { get; set; }

    /// <summary>Times that this node lost it.</summary>
    internal int Losses { get; set; }

    /// <summary>No session of an earlier time as owner is left.</summary>
    internal bool IsClear => !IsTakingOver && Abandonments == 0;

    /// <summary>No sooner are these reset: by then no other owner is left that could have gone on with one of them.</summary>
    internal TimeSpan ResetLostAt { get; set; }

    /// <summary>Sessions that a node has lost, for whoever is owner: this one, should it be, or others that it does not hear yet.</summary>
    internal List<LostRecords> Lost { get; } = [];

    /// <summary>Nodes of whose sessions something is recorded here.</summary>
    internal HashSet<NodeId> Tellers { get; } = [];
}
