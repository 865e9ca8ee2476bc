using System;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>
/// The sessions of one loop: slots that are reused, found by the index in an event. A slot's generation moves on when it is
/// freed, so that whatever still names the old session is recognised. Owner: the loop's thread.
/// </summary>
internal sealed class SessionTable
{
    private Session?[] _slots = new Session?[256];
    private readonly System.Collections.Generic.Stack<int> _free = new();
    private int _used;

    /// <summary>Sessions that live.</summary>
    public int Count { get; private set; }

    /// <summary>Slots below this index were used at some time.</summary>
    public int HighWater => _used;

    public Session Take()
    {
        Count++;
        if (_free.TryPop(out int index))
        {
            return _slots[index]!;
        }
        if (_used == _slots.Length)
        {
            Array.Resize(ref _slots, _slots.Length * 2);
        }
        var session = new Session { Index = _used, Generation = 1 };
        _slots[_used++] = session;
        return session;
    }

    /// <summary>The living session that the key names, or null when it is gone.</summary>
    public Session? Find(int index, uint generation) =>
        (uint)index < (uint)_used && _slots[index] is { Stage: not SessionStage.Free } session && session.Generation == generation
            ? session
            : null;

    /// <summary>The living session in a slot, or null.</summary>
    public Session? At(int index) => _slots[index] is { Stage: not SessionStage.Free } session ? session : null;

    public void Free(Session session)
    {
        session.Stage = SessionStage.Free;
        session.Generation = (session.Generation + 1) & EventKey.GenerationMask;
        session.Server = null;
        session.Backend = null;
        session.BackendModel = null;
        session.Listener = null!;       // or a slot that rests would keep a whole configuration
        _free.Push(session.Index);
        Count--;
    }
}
