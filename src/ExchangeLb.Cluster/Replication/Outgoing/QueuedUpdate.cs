using System;
using System.Collections.Generic;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Outgoing;

/// <summary>A local write on its way: 48 bytes without references.</summary>
internal readonly struct QueuedUpdate(int table, in StickUpdate update)
{
    private readonly ulong _keyHigh = (ulong)(update.Key >> 64);
    private readonly ulong _keyLow = (ulong)update.Key;
    private readonly ulong _sequence = update.Version.Sequence;
    private readonly long _remainingMs = update.RemainingMs;
    private readonly uint _epoch = update.Version.Epoch;
    private readonly uint _writer = update.Version.Writer;
    private readonly int _serverId = update.ServerId;

    public int Table { get; } = table;

    public StickUpdate Update => new(new UInt128(_keyHigh, _keyLow), _serverId, _remainingMs, new StickVersion(_epoch, _sequence, _writer));

    /// <summary>The other is about the same entry.</summary>
    public bool SameEntry(in QueuedUpdate other) => Table == other.Table && _keyLow == other._keyLow && _keyHigh == other._keyHigh;

    /// <summary>Table by table, key by key, the latest version of a key last.</summary>
    public readonly struct ByEntry : IComparer<QueuedUpdate>
    {
        public int Compare(QueuedUpdate left, QueuedUpdate right) =>
            left.Table != right.Table ? left.Table.CompareTo(right.Table)
            : left._keyHigh != right._keyHigh ? left._keyHigh.CompareTo(right._keyHigh)
            : left._keyLow != right._keyLow ? left._keyLow.CompareTo(right._keyLow)
            : left._epoch != right._epoch ? left._epoch.CompareTo(right._epoch)
            : left._sequence.CompareTo(right._sequence);
    }
}
