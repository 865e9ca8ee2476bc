using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Events;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Reports;

namespace ExchangeLb.Clustering;

/// <summary>The last report of each other node, and orders on their way to the desk. Written by the engine's thread, read by any.</summary>
internal sealed class ReportBoard(ClusterSetup setup, IMonotonicClock clock, EventJournal journal) : IMailReceiver
{
    private readonly ConcurrentDictionary<NodeId, (NodeReport Report, TimeSpan At)> _reports = new();
    private readonly ConcurrentDictionary<NodeId, bool> _met = new();
    private ClusterView? _view;

    /// <summary>Told of each view, whose newcomers know nothing of this node yet. Set before the engine starts.</summary>
    public Action? ViewCame { get; set; }

    /// <summary>Told of each report, and of each node that left (null). Set before the engine starts.</summary>
    public Action<NodeId, NodeReport?>? ReportCame { get; set; }

    /// <summary>Set before the engine starts.</summary>
    public OrderDesk? Orders { get; set; }

    public NodeReport? Find(NodeId node, out TimeSpan age)
    {
        age = TimeSpan.Zero;
        if (!_reports.TryGetValue(node, out (NodeReport Report, TimeSpan At) last))
        {
            return null;
        }
        age = clock.Now - last.At;
        return last.Report;
    }

    /// <summary>Whether a node was in any view since this one started.</summary>
    public bool HasMet(NodeId node) => _met.ContainsKey(node);

    /// <summary>Reports of nodes in the last view.</summary>
    public IEnumerable<NodeReport> Present() =>
        Volatile.Read(ref _view) is { } view ? _reports.Where(entry => view.Members.Contains(entry.Key)).Select(entry => entry.Value.Report) : [];

    public void ViewChanged(ClusterView view)
    {
        ClusterView? before = Interlocked.Exchange(ref _view, view);
        foreach (NodeId node in view.Members.Where(node => before is null || !before.Members.Contains(node)))
        {
            _met[node] = true;
            journal.Write("view", $"{setup.NameOf(node)} is in the cluster");
        }
        foreach (NodeId node in before?.Members.Where(node => !view.Members.Contains(node)) ?? [])
        {
            journal.Write("view", $"{setup.NameOf(node)} has left the cluster");
            _reports.TryRemove(node, out _);
            ReportCame?.Invoke(node, null);
        }
        ViewCame?.Invoke();
    }

    public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body)
    {
        if (kind == MessageKind.Order)
        {
            Orders?.Received(sender, body);
        }
        else if (sender != setup.SelfId && NodeReportCodec.Read(body) is { } report)
        {
            _reports[sender] = (report, clock.Now);
            ReportCame?.Invoke(sender, report);
        }
    }
}
