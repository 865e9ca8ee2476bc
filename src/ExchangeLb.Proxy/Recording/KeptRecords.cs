using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Proxy.Recording;

/// <param name="address">Of whose sessions they tell.</param>
/// <param name="age">Since they were told.</param>
/// <param name="records">A batch, valid during the call.</param>
public delegate void KeptBatch(IPAddress address, TimeSpan age, ReadOnlySpan<byte> records);

/// <summary>
/// Records of a process's own sessions, outside of it: of each session the last that was told, to be written for the next process when this one has died.
/// The file, numbers little-endian: form (1), when it was written (16); then entries: when it was told (16), a length (4), a batch. A moment is the monotonic
/// clock's ticks and the wall clock's milliseconds: both are this host's. Owner: one thread.
/// </summary>
/// <param name="capacity">Sessions; of what is beyond nothing is kept, and these end with their process.</param>
public sealed class KeptRecords(int capacity)
{
    /// <summary>As many as a peer keeps: some 50 MB.</summary>
    public const int DefaultCapacity = RecordStore.DefaultCapacity;

    /// <summary>Later clients and servers have given up, and their ports may be others'.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private const byte Form = 1;
    private const int MomentLength = 2 * sizeof(long);

    private readonly Dictionary<UInt128, Book> _books = [];

    /// <param name="Batch">One with its address or image.</param>
    private readonly record struct Kept(byte[] Batch, ImageClock ToldAt, bool IsQuiet);

    /// <summary>Sessions of one address.</summary>
    private sealed class Book
    {
        private byte[] _made = [];

        public Book(UInt128 address, ulong incarnation) => Batch = new RecordBatch(address, incarnation, records => _made = records.ToArray());

        public RecordBatch Batch { get; }

        public Dictionary<ulong, Kept> Sessions { get; } = [];

        public byte[] Made()
        {
            Batch.Tell();
            return _made;
        }
    }

    public int Count => _books.Values.Sum(book => book.Sessions.Count);

    /// <summary>Batches that were damaged, or told of more sessions than there is room for.</summary>
    public long RefusedTotal { get; private set; }

    public void Take(ReadOnlySpan<byte> batch, ImageClock now)
    {
        RecordReader reader = new(batch);
        bool whole = reader.Problem is null;
        if (whole)
        {
            if (Open(reader.Address, reader.Incarnation) is not { } book)
            {
                return;     // of a loop that has not begun to tell anew yet, as others have
            }
            while (reader.TryNext(out SessionRecord record))
            {
                whole &= Apply(book, record, now);
            }
            whole &= reader.Problem is null;
        }
        RefusedTotal += whole ? 0 : 1;
    }

    /// <summary>The sessions of the address are not this process's any more.</summary>
    public void Forget(UInt128 address) => _books.Remove(address);

    public void Clear() => _books.Clear();

    public void Write(Stream file, ImageClock now)
    {
        ArgumentNullException.ThrowIfNull(file);
        Span<byte> head = stackalloc byte[1 + MomentLength];
        head[0] = Form;
        WriteMoment(head[1..], now);
        file.Write(head);
        foreach (Book book in _books.Values)
        {
            foreach ((ulong session, Kept kept) in book.Sessions)
            {
                WriteEntry(file, kept.ToldAt, kept.Batch);
                if (!kept.IsQuiet)
                {
                    book.Batch.Active(session);
                    WriteEntry(file, kept.ToldAt, book.Made());
                }
            }
        }
    }

    /// <summary>What an earlier process left, unless it is older than <see cref="Life"/>. What is damaged ends it.</summary>
    public static void Read(ReadOnlySpan<byte> file, ImageClock now, KeptBatch each)
    {
        ArgumentNullException.ThrowIfNull(each);
        if (file.Length < 1 + MomentLength || file[0] != Form || ReadMoment(file[1..]).AgeAt(now) > Life)
        {
            return;
        }
        file = file[(1 + MomentLength)..];
        while (file.Length >= MomentLength + sizeof(int))
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file[MomentLength..]);
            ReadOnlySpan<byte> rest = file[(MomentLength + sizeof(int))..];
            if (length < 0 || length > rest.Length || new RecordReader(rest[..length]) is not { Problem: null } reader)
            {
                return;
            }
            each(AddressOf(reader.Address), ReadMoment(file).AgeAt(now), rest[..length]);
            file = rest[length..];
        }
    }

    /// <returns>Null: a later one is open.</returns>
    private Book? Open(UInt128 address, ulong incarnation)
    {
        if (_books.TryGetValue(address, out Book? book) && incarnation <= book.Batch.Incarnation)
        {
            return incarnation == book.Batch.Incarnation ? book : null;
        }
        return _books[address] = new Book(address, incarnation);
    }

    /// <returns>False: there is no room.</returns>
    private bool Apply(Book book, in SessionRecord record, ImageClock now)
    {
        bool known = book.Sessions.TryGetValue(record.Session, out Kept former);
        switch (record.Kind)
        {
            case RecordKind.Ended:
                book.Sessions.Remove(record.Session);
                return true;
            case RecordKind.Active:
                if (known) { book.Sessions[record.Session] = former with { IsQuiet = false }; }
                return true;
            case RecordKind.Established when known || Count < capacity:
                book.Batch.Established(record.Session, record.Client, record.Server);
                break;
            case RecordKind.Quiet when known || Count < capacity:
                book.Batch.Quiet(record.Session, record.Image);
                break;
            default:
                return false;
        }
        book.Sessions[record.Session] = new Kept(book.Made(), now, record.Kind == RecordKind.Quiet);
        return true;
    }

    private static void WriteEntry(Stream file, ImageClock toldAt, byte[] batch)
    {
        Span<byte> head = stackalloc byte[MomentLength + sizeof(int)];
        WriteMoment(head, toldAt);
        BinaryPrimitives.WriteInt32LittleEndian(head[MomentLength..], batch.Length);
        file.Write(head);
        file.Write(batch);
    }

    private static void WriteMoment(Span<byte> target, ImageClock moment)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, moment.Monotonic.Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(target[sizeof(long)..], moment.UnixMs);
    }

    private static ImageClock ReadMoment(ReadOnlySpan<byte> bytes) =>
        new(TimeSpan.FromTicks(Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(bytes), 0, TimeSpan.MaxValue.Ticks)), BinaryPrimitives.ReadInt64LittleEndian(bytes[sizeof(long)..]));

    private static IPAddress AddressOf(UInt128 mapped)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, mapped);
        IPAddress address = new(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
