using System;

namespace ExchangeLb.Cluster.Tests.Engine.Simulated;

/// <summary>What happens when, on one thread, without waiting. Events of the same moment happen in the order in which they were asked for.</summary>
internal sealed class VirtualTime
{
    private Entry[] _heap = new Entry[256];
    private int _count;
    private long _order;

    internal TimeSpan Now { get; private set; }
    internal long EventsTotal { get; private set; }

    /// <summary>Called after every event.</summary>
    internal Action? AfterEach { get; set; }

    internal void After(TimeSpan delay, Action run) => At(Now + delay, run);

    internal void At(TimeSpan when, Action run)
    {
        if (_count == _heap.Length) { Array.Resize(ref _heap, _count * 2); }
        Entry entry = new(Math.Max(when.Ticks, Now.Ticks), ++_order, run);
        int place = _count++;
        while (place > 0 && entry.IsBefore(_heap[(place - 1) / 2]))
        {
            _heap[place] = _heap[(place - 1) / 2];
            place = (place - 1) / 2;
        }
        _heap[place] = entry;
    }

    /// <summary>False: nothing will ever happen.</summary>
    internal bool RunNext()
    {
        if (_count == 0) { return false; }
        Entry first = _heap[0];
        RemoveFirst();
        Now = TimeSpan.FromTicks(Math.Max(Now.Ticks, first.At));
        EventsTotal++;
        first.Run();
        AfterEach?.Invoke();
        return true;
    }

    /// <summary>May be called from within an event: that event then lasts so long, and others happen meanwhile.</summary>
    internal void RunUntil(TimeSpan end)
    {
        while (_count > 0 && _heap[0].At <= end.Ticks) { RunNext(); }
        if (Now < end) { Now = end; }
    }

    private void RemoveFirst()
    {
        Entry last = _heap[--_count];
        _heap[_count] = default;
        int place = 0;
        for (int child = 1; child < _count; child = (2 * place) + 1)
        {
            if (child + 1 < _count && _heap[child + 1].IsBefore(_heap[child])) { child++; }
            if (!_heap[child].IsBefore(last)) { break; }
            _heap[place] = _heap[child];
            place = child;
        }
        if (_count > 0) { _heap[place] = last; }
    }

    private readonly record struct Entry(long At, long Order, Action Run)
    {
        internal bool IsBefore(in Entry other) => At < other.At || (At == other.At && Order < other.Order);
    }
}
