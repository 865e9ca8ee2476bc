using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Replication.Outgoing;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Replication.Tables;

/// <summary>
/// The local tables, followed over reloads. Owner: the replication thread. A link's handle is never given twice: an update of a table that has
/// gone may still be in the queue.
/// </summary>
internal sealed class TableDirectory(NodeId self, ulong incarnation, UpdateQueue queue)
{
    private readonly Dictionary<string, TableLink> _byName = [];
    private readonly List<TableLink?> _byHandle = [];
    private TableLink[] _all = [];
    private uint _ownerEpoch;

    /// <summary>A list that is replaced, never changed.</summary>
    public IReadOnlyList<TableLink> All => Volatile.Read(ref _all);

    /// <summary>Any thread: local writes carry this epoch from now on, unless they carry a higher one.</summary>
    public void SetOwnerEpoch(uint epoch)
    {
        uint before = Volatile.Read(ref _ownerEpoch);
        while (before < epoch && Interlocked.CompareExchange(ref _ownerEpoch, epoch, before) != before)
        {
            before = Volatile.Read(ref _ownerEpoch);
        }
        foreach (TableLink link in Volatile.Read(ref _all))
        {
            SetEpoch(link);
        }
    }

    /// <summary>Takes over what there is now. True: there is a table or a server that there was not before, so peers may know more of it.</summary>
    public bool Follow(ReplicatedContent content)
    {
        bool grown = false;
        foreach (TableLink link in _all)
        {
            SetOwnerEpoch(link.Table.OwnerEpoch);
        }
        var before = new Dictionary<string, TableLink>(_byName);
        _byName.Clear();
        var all = new List<TableLink>();
        foreach (ReplicatedTable table in content.Tables)
        {
            bool kept = before.TryGetValue(table.Name, out TableLink? link) && link.Table == table.Table;
            if (kept)
            {
                before.Remove(table.Name);
            }
            else
            {
                link = new TableLink(_byHandle.Count, table.Table, queue);
                _byHandle.Add(link);
            }
            grown |= link!.Follow(table.Servers) || !kept;
            _byName.Add(table.Name, link);
            all.Add(link);
        }
        foreach (TableLink gone in before.Values)
        {
            _byHandle[gone.Handle] = null;      // it stays the old table's sink: what is still written there is noticed as lost
        }
        Volatile.Write(ref _all, [.. all]);
        foreach (TableLink link in all)
        {
            Share(link);
        }
        return grown;
    }

    /// <summary>Null: the table has gone.</summary>
    public TableLink? Find(int handle) => _byHandle[handle];

    /// <summary>Null: this node has no such table.</summary>
    public TableLink? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[name.Length];
        int length = Encoding.UTF8.GetChars(name, text);
        return _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out TableLink? link) ? link : null;
    }

    private void Share(TableLink link)
    {
        SetEpoch(link);
        if (link.Table.Sink != link)
        {
            link.Table.Share(self.Value, incarnation, link);
            queue.NoteLost();       // what was written before nobody has heard of
        }
    }

    /// <summary>By lease thread and replication thread: the higher one must win, whoever is later.</summary>
    private void SetEpoch(TableLink link)
    {
        lock (link)
        {
            link.Table.OwnerEpoch = Math.Max(link.Table.OwnerEpoch, Volatile.Read(ref _ownerEpoch));
        }
    }
}
