using System;
using System.Collections.Frozen;
using System.Linq;
using System.Text;
using System.Threading;
using ExchangeLb.Cluster.Replication.Outgoing;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Tables;

/// <summary>One local table and its servers' names in both directions. Owner: the replication thread; the sink's two members are for all.</summary>
internal sealed class TableLink(int handle, StickTable table, UpdateQueue queue) : IStickUpdateSink
{
    private FrozenDictionary<int, byte[]> _names = FrozenDictionary<int, byte[]>.Empty;
    private FrozenDictionary<string, int> _ids = FrozenDictionary<string, int>.Empty;
    private int _clearPending;

    /// <summary>What updates in the queue name the table by.</summary>
    public int Handle => handle;
    public StickTable Table => table;
    public byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(table.Model.Name);

    /// <summary>Takes over what ids mean now; true: it knows a server that it did not know before.</summary>
    public bool Follow(FrozenDictionary<int, string> servers)
    {
        FrozenDictionary<string, int> before = _ids;
        _names = servers.ToFrozenDictionary(pair => pair.Key, pair => Encoding.UTF8.GetBytes(pair.Value));
        _ids = servers.GroupBy(pair => pair.Value).ToFrozenDictionary(same => same.Key, same => same.Min(pair => pair.Key));
        return _ids.Keys.Any(name => !before.ContainsKey(name));
    }

    /// <summary>UTF-8; empty: the configuration has no name for it.</summary>
    public ReadOnlySpan<byte> NameOf(int serverId) => _names.TryGetValue(serverId, out byte[]? name) ? name : default(ReadOnlySpan<byte>);

    /// <summary>This node's id of a peer's server; 0: it has none.</summary>
    public int LocalId(int peersId, ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return peersId;
        }
        Span<char> text = stackalloc char[name.Length];
        int length = Encoding.UTF8.GetChars(name, text);
        return _ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out int id) ? id : 0;
    }

    public void Publish(in StickUpdate update) => queue.Add(handle, update);

    public void PublishClear()
    {
        Volatile.Write(ref _clearPending, 1);
        queue.Wake();
    }

    public bool MustTellClear => Volatile.Read(ref _clearPending) == 1;

    /// <summary>True once after each clearing of the whole table.</summary>
    public bool TakeClear() => Interlocked.Exchange(ref _clearPending, 0) == 1;

    /// <summary>It could not be sent: later.</summary>
    public void KeepClear() => Volatile.Write(ref _clearPending, 1);
}
