using System;
using System.Collections.Generic;
using System.IO;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Clocks;
using ExchangeLb.Linux.Netlink;
using ExchangeLb.Linux.Process;
using ExchangeLb.Proxy;

namespace ExchangeLb.Clustering;

/// <summary>How it begins.</summary>
internal sealed partial class ClusterNode
{
    /// <summary>Steps 1 and 2, and the parts. As root, or as a user with CAP_NET_ADMIN and CAP_NET_RAW.</summary>
    /// <param name="say">Told of each event, for the standard error of a process in the foreground.</param>
    /// <exception cref="InvalidOperationException">The host can't; the message says what it lacks and what to do.</exception>
    public static ClusterNode Create(
        ClusterSetup setup, LoadBalancer balancer, IReadOnlyList<string> haproxyFiles, IReloads reloads, Action<ClusterEvent> say)
    {
        // Whoever runs Corosync reads the key, and that is root: a balancer of another user can't, and need not.
        if (setup.Model.Nodes.Length > 1 && Privileges.IsRoot && ClusterKey.Problem(setup.Model.KeyFile) is { } problem)
        {
            throw new InvalidOperationException(problem);
        }
        VipKernel kernel = VipKernel.Open(setup.Model, setup.SelfId, new MonotonicClock());
        try
        {
            ClusterNode node = new(setup, balancer, haproxyFiles, reloads, kernel, say);
            // Behind the closed fence: what an earlier life of this node left to say goodbye would stand in the way of sessions that come back here.
            foreach (VipModel vip in setup.Model.Vips)
            {
                DeadSockets.EndAll(vip.Address);
            }
            if (node._guard?.Start() is { } trouble)
            {
                node._guard.DisposeAsync().AsTask().GetAwaiter().GetResult();
                throw new InvalidOperationException(trouble);
            }
            return node;
        }
        catch
        {
            kernel.RemoveAll();
            kernel.Dispose();
            throw;
        }
    }

    /// <summary>Steps 3 to 8, on threads that have what rights the calling one has.</summary>
    /// <returns>Null, or why the node can't run.</returns>
    public string? Start()
    {
        _keeper.Start();
        _journal.Write("start", $"{_setup.Self.Name} starts, version {VersionText.Version}");
        foreach (string lack in _kernel.Features.Fallbacks)
        {
            _journal.Write("kernel", lack);
        }
        if (_guard is not null && !_setup.Units && !Privileges.IsRoot)
        {
            _journal.Write("engine", $"this user can't start Corosync: it must run already, as {CorosyncUnit.Name} or by root (exchangelb cluster-setup says how); else start this node as root");
        }
        for (int vip = 0; vip < _setup.Model.Vips.Length; vip++)
        {
            _fitness.SetLink(vip, _kernel.LinkUp(vip));
        }
        if (_setup.Model.HandOver != HandOverMode.Off && _moving?.HostLack is { } cannotMove)
        {
            _journal.Write("kernel", $"established connections end when a virtual IP moves: {cannotMove}");
        }
        NoteLeftBehind();
        NoteRecordingLack();
        if (Runtime.IsStandby)
        {
            _node.SetStandby(true);
        }
        _lease.Start();
        _gathering.Start();
        _replication.Start();
        _streams.Start();
        _moving?.Start();
        _recording?.Start();
        try
        {
            _engine.Start(_mail);
        }
        catch (InvalidOperationException missing)
        {
            return missing.Message;
        }
        _reports.Start();
        return null;
    }

    /// <summary>Once: whether they are of use is decided within moments.</summary>
    private void TakeLeftRecords()
    {
        string file = _setup.Paths.LeftRecords;
        try
        {
            if (File.Exists(file))
            {
                _recording?.TakeLeft(File.ReadAllBytes(file));
                File.Delete(file);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _journal.Write("recorded", $"what is recorded of this node's sessions before its start can't be read: {failure.Message}");
        }
    }

    private void PrepareLeaseThread()
    {
        if (RealTime.RequestRoundRobin(RealTimePriority).Failed)
        {
            _journal.Write("kernel", "no real-time scheduling for the lease thread (a limit RTPRIO of 50, or CAP_SYS_NICE): on a busy host renewals may come late");
        }
    }
}
