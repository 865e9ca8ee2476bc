using System;

namespace ExchangeLb.Core.Stick;

/// <summary>
/// The memory of a table: slots in chunks that are allocated when they are first needed, pinned (so not scanned, not moved) and
/// never given back; freed slots are used again first. Owner: the table, under its lock.
/// </summary>
internal sealed class StickSlots(int capacity)
{
    /// <summary>No slot.</summary>
    public const int None = -1;

    private const int ChunkBits = 12;
    private const int ChunkLength = 1 << ChunkBits;

    private readonly StickSlot[]?[] _chunks = new StickSlot[]?[(int)(((long)capacity + ChunkLength - 1) >> ChunkBits)];
    private int _firstFree = None;

    /// <summary>Slots that have ever been used: indexes 0..<see cref="Reached"/>-1 are readable.</summary>
    public int Reached { get; private set; }

    /// <summary>Slots now taken.</summary>
    public int Taken { get; private set; }

    public bool IsFull => Taken == capacity;

    public ref StickSlot this[int index] => ref _chunks[index >> ChunkBits]![index & (ChunkLength - 1)];

    /// <summary>A slot to be filled; not when <see cref="IsFull"/>.</summary>
    public int Take()
    {
        Taken++;
        if (_firstFree != None)
        {
            int index = _firstFree;
            _firstFree = this[index].NextInChain;
            return index;
        }
        int chunk = Reached >> ChunkBits;
        _chunks[chunk] ??= GC.AllocateUninitializedArray<StickSlot>(ChunkLength, pinned: true);
        return Reached++;
    }

    public void Free(int index)
    {
        ref StickSlot slot = ref this[index];
        slot.ServerId = 0;
        slot.NextInChain = _firstFree;
        _firstFree = index;
        Taken--;
    }
}
