using System;
using ExchangeLb.Linux.Corosync;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>What a <see cref="DispatchThread"/> drives. All members are called by that thread.</summary>
internal interface ICorosyncClient
{
    /// <summary>Opens everything. Whatever fails leaves nothing open.</summary>
    /// <param name="hadToWait">Corosync was not there at first, so it has only just started.</param>
    CorosyncError Connect(bool hadToWait);

    /// <summary>Of the open connections.</summary>
    ReadOnlySpan<int> Descriptors { get; }

    /// <summary>Takes a bounded part of what has come, without waiting. False: a connection is dead.</summary>
    bool Dispatch();

    /// <summary>When <see cref="Dispatch"/> is wanted though nothing comes; null: it is not.</summary>
    TimeSpan? Due { get; }

    /// <summary>Closes everything after a connection died.</summary>
    void ConnectionLost();

    /// <summary>Leaves in order and closes everything. Called last, also without a connection.</summary>
    void Leave();
}
