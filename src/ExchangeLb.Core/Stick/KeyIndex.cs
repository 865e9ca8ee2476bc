using System;
using System.Numerics;

namespace ExchangeLb.Core.Stick;

/// <summary>
/// Finds a key's slot: chains of slots behind an array of heads that never moves or grows, since growing a million entries would
/// stall every loop that waits for the table. Untouched heads cost address space, not memory. Owner: the table, under its lock.
/// </summary>
internal sealed class KeyIndex
{
    /// <summary>Larger tables get longer chains.</summary>
    private const int MostHeads = 1 << 22;

    private readonly StickSlots _slots;
    private readonly ulong _seed;

    /// <summary>Index of the chain's first slot plus one, so that fresh zeroed memory means empty.</summary>
    private readonly int[] _heads;

    /// <param name="seed">Unknown to clients, else they could choose addresses that make one long chain.</param>
    public KeyIndex(StickSlots slots, int capacity, ulong seed)
    {
        _slots = slots;
        _seed = seed;
        int heads = capacity >= MostHeads ? MostHeads : (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 16));
        _heads = GC.AllocateArray<int>(heads, pinned: true);
    }

    public int Find(UInt128 key)
    {
        ulong high = (ulong)(key >> 64);
        ulong low = (ulong)key;
        int index = Head(high, low) - 1;
        while (index != StickSlots.None)
        {
            ref StickSlot slot = ref _slots[index];
            if (slot.KeyLow == low && slot.KeyHigh == high)
            {
                return index;
            }
            index = slot.NextInChain;
        }
        return StickSlots.None;
    }

    /// <summary>Puts a slot, whose key is set and not yet in the index, into its chain.</summary>
    public void Add(int index)
    {
        ref StickSlot slot = ref _slots[index];
        ref int head = ref Head(slot.KeyHigh, slot.KeyLow);
        slot.NextInChain = head - 1;
        head = index + 1;
    }

    public void Remove(int index)
    {
        ref StickSlot slot = ref _slots[index];
        ref int head = ref Head(slot.KeyHigh, slot.KeyLow);
        if (head - 1 == index)
        {
            head = slot.NextInChain + 1;
            return;
        }
        int before = head - 1;
        while (_slots[before].NextInChain != index)
        {
            before = _slots[before].NextInChain;
        }
        _slots[before].NextInChain = slot.NextInChain;
    }

    /// <summary>Two folded multiplications (the mixing step of wyhash), so that every bit of key and seed reaches every bit.</summary>
    private ref int Head(ulong high, ulong low)
    {
        ulong mixed = Fold(low ^ _seed, high ^ 0x9E37_79B9_7F4A_7C15);
        mixed = Fold(mixed ^ _seed, 0xD6E8_FEB8_6659_FD93);
        return ref _heads[(int)(mixed & (uint)(_heads.Length - 1))];
    }

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
