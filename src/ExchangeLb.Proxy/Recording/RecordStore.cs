using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Proxy.Recording;

/// <summary>
/// What other nodes told of their sessions: of each the last. A session that moved is told of by its former and by its present owner; once the present one has told
/// all of it, or its end, what the former one told goes. Bounded. Any thread.
/// </summary>
/// <param name="capacity">Sessions of all owners; of what is beyond nothing is kept, and these sessions end with their owner.</param>
internal sealed class RecordStore(int capacity)
{
    /// <summary>100,000 sessions take some 50 MB.</summary>
    public const int DefaultCapacity = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Owner, UInt128 Address), Book> _books = [];
    private long _order;

    /// <summary>One owner's sessions of one address.</summary>
    private sealed class Book(ulong incarnation)
    {
        public ulong Incarnation => incarnation;

        public Dictionary<ulong, StoredRecord> Records { get; } = [];

        /// <summary>Which session has a client's two ends: the last one that was told to.</summary>
        private readonly Dictionary<ConnectionEnds, ulong> _byClient = [];

        public StoredRecord? Of(ConnectionEnds client) => _byClient.TryGetValue(client, out ulong session) ? Records[session] : null;

        public void Put(StoredRecord record)
        {
            Records.Add(record.Session, record);
            _byClient[record.Client] = record.Session;
        }

        public void Remove(StoredRecord record)
        {
            Records.Remove(record.Session);
            if (_byClient.GetValueOrDefault(record.Client, ~record.Session) == record.Session)
            {
                _byClient.Remove(record.Client);
            }
        }
    }

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public long RefusedTotal { get; private set; }

    /// <returns>Null, or why something was not kept.</returns>
    public string? Take(string owner, UInt128 address, ReadOnlySpan<byte> batch, ImageClock now)
    {
        RecordReader reader = new(batch);
        lock (_gate)
        {
            string? problem = reader.Problem ?? (reader.Address == address ? null : "records of another address") ?? Open(owner, reader, out Book? book) ?? Keep(book!, ref reader, now);
            if (problem is not null)
            {
                RefusedTotal++;
            }
            return problem;

            string? Keep(Book book, ref RecordReader reader, ImageClock now)
            {
                string? refused = null;
                while (reader.TryNext(out SessionRecord record))
                {
                    refused = Apply(book, record, reader.Address, now) ?? refused;
                }
                return reader.Problem ?? refused;
            }
        }
    }

    public void Forget(string owner, UInt128 address)
    {
        lock (_gate)
        {
            Remove((owner, address));
        }
    }

    /// <summary>
    /// All of the address, the youngest first. Where several owners told of the same two ends, what was told last; but where the last one told only that there is such a
    /// session, what was said of it when it was quiet: both sides are asked anyway.
    /// </summary>
    public List<StoredRecord> Of(UInt128 address)
    {
        lock (_gate)
        {
            return [.. _books.Where(book => book.Key.Address == address).SelectMany(book => book.Value.Records.Values).OrderByDescending(record => record.Order).GroupBy(record => record.Client).Select(Best)];
        }
    }

    private static StoredRecord Best(IEnumerable<StoredRecord> youngestFirst)
    {
        StoredRecord last = youngestFirst.First();
        return last.Image is not null ? last : youngestFirst.FirstOrDefault(record => record.IsQuiet && record.Server.Equals(last.Server)) ?? last;
    }

    public void Forget(UInt128 address)
    {
        lock (_gate)
        {
            foreach ((string Owner, UInt128 Address) key in _books.Keys.Where(key => key.Address == address).ToList())
            {
                Remove(key);
            }
        }
    }

    private string? Open(string owner, in RecordReader reader, out Book? book)
    {
        if (_books.TryGetValue((owner, reader.Address), out book))
        {
            if (book.Incarnation == reader.Incarnation)
            {
                return null;
            }
            if (reader.Incarnation < book.Incarnation)
            {
                return $"records of an earlier incarnation of {owner}";
            }
            Remove((owner, reader.Address));
        }
        _books[(owner, reader.Address)] = book = new Book(reader.Incarnation);
        return null;
    }

    private string? Apply(Book book, in SessionRecord record, UInt128 address, ImageClock now)
    {
        bool known = book.Records.TryGetValue(record.Session, out StoredRecord? former);
        StoredRecord? next = record.Kind switch
        {
            RecordKind.Established => StoredRecord.Established(record, _order++, address),
            RecordKind.Quiet => StoredRecord.Quiet(record, _order++, address, now),
            RecordKind.Active => former?.Awake(_order++),
            _ => null,
        };
        if (next is null && record.Kind is RecordKind.Established or RecordKind.Quiet)
        {
            return "a record of a session is damaged, or of another release";
        }
        if (!known && next is not null && Count >= capacity)
        {
            return $"records of {capacity} sessions are kept already";
        }
        if (former is not null)
        {
            Remove(book, former);
        }
        if (next is not null)
        {
            book.Put(next);
            Count++;
            Bytes += next.Bytes;
        }
        if ((record.Kind is RecordKind.Ended ? former : record.Kind is RecordKind.Quiet ? next : null) is { } all)
        {
            RemoveFormer(book, all, address);
        }
        return null;
    }

    /// <summary>What others told of the same session before.</summary>
    private void RemoveFormer(Book teller, StoredRecord told, UInt128 address)
    {
        foreach (((_, UInt128 of), Book book) in _books)
        {
            if (book != teller && of == address && book.Of(told.Client) is { } former && former.Order < told.Order && former.Server.Equals(told.Server))
            {
                Remove(book, former);
            }
        }
    }

    private void Remove(Book book, StoredRecord record)
    {
        book.Remove(record);
        Count--;
        Bytes -= record.Bytes;
    }

    private void Remove((string Owner, UInt128 Address) key)
    {
        if (_books.Remove(key, out Book? book))
        {
            Count -= book.Records.Count;
            Bytes -= book.Records.Values.Sum(record => (long)record.Bytes);
        }
    }
}
