using System;

namespace ExchangeLb.Core.Stick;

/// <summary>One entry's present value, to be merged into a peer's table.</summary>
/// <param name="ServerId">1 and up, or <see cref="Cleared"/>.</param>
/// <param name="RemainingMs">Until it expires, as seen when it was written; clocks of two nodes never meet.</param>
public readonly record struct StickUpdate(UInt128 Key, int ServerId, long RemainingMs, StickVersion Version)
{
    /// <summary>In place of a server: the key was cleared, and older values of it must not come back.</summary>
    public const int Cleared = -1;
}

/// <summary>
/// Is told of each local write, on the thread that made it and after the table's lock is released. Two loops' updates of one key may
/// arrive in either order: the version says which is the later. Must not block, throw, or call the table.
/// </summary>
public interface IStickUpdateSink
{
    void Publish(in StickUpdate update);

    /// <summary>The whole table was cleared: <see cref="StickTable.ClearedUpTo"/> has risen.</summary>
    void PublishClear();
}

/// <summary>One entry as it was when it was copied.</summary>
/// <param name="RemainingMs">Until it expires; <see cref="StickTable.NeverMs"/>: never.</param>
public readonly record struct StickEntry(UInt128 Key, int ServerId, long RemainingMs, StickVersion Version);
