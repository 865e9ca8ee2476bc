using System.Collections.Generic;

namespace ExchangeLb.Config.Lexing;

/// <summary>Which lines the nested `.if`/`.elif`/`.else`/`.endif` of one file leave alive (configuration.txt, 2.4).</summary>
internal sealed class ConditionalBlocks
{
    private readonly Stack<Block> _blocks = new();

    /// <summary>Lines now read count.</summary>
    public bool Alive => !_blocks.TryPeek(out Block block) || block.Alive;

    public int Depth => _blocks.Count;

    /// <summary>
    /// A condition of `.elif` need only be looked at when this holds: no branch before it was taken, and the whole block counts.
    /// </summary>
    public bool ElseIsOpen => _blocks.TryPeek(out Block block) && block.OuterAlive && !block.Taken;

    public bool SawElse => _blocks.TryPeek(out Block block) && block.SawElse;

    public void If(bool condition) => _blocks.Push(new(Alive, Alive && condition, Alive && condition, SawElse: false));

    public void ElseIf(bool condition)
    {
        Block block = _blocks.Pop();
        bool alive = block.OuterAlive && !block.Taken && condition;
        _blocks.Push(block with { Alive = alive, Taken = block.Taken || alive });
    }

    public void Else()
    {
        Block block = _blocks.Pop();
        _blocks.Push(block with { Alive = block.OuterAlive && !block.Taken, Taken = true, SawElse = true });
    }

    public void EndIf() => _blocks.Pop();

    private readonly record struct Block(bool OuterAlive, bool Alive, bool Taken, bool SawElse);
}
