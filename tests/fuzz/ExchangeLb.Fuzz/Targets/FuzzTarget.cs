using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace ExchangeLb.Fuzz.Targets;

/// <summary>One reader of bytes that strangers, or tired people, may have written.</summary>
internal abstract class FuzzTarget
{
    /// <summary>As it is named on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Good inputs, to be damaged.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Words that mean something to the reader.</summary>
    public abstract IReadOnlyList<string> Tokens { get; }

    /// <summary>Bytes that a case may allocate.</summary>
    public virtual long AllocationLimit(int length) => (1L << 20) + (1000L * length);

    /// <summary>Reads the input; throws when the reader does what it must not.</summary>
    public abstract void Run(byte[] input, Random random);

    protected static byte[][] Bytes(params string[] texts) => [.. texts.Select(Encoding.Latin1.GetBytes)];

    /// <summary>The input in pieces of any size, as a network brings it; false from the reader means that it wants no more.</summary>
    protected static void InPieces(byte[] input, Random random, Func<ReadOnlyMemory<byte>, bool> wantsMore)
    {
        for (int at = 0; at < input.Length;)
        {
            int length = Math.Min(input.Length - at, random.Next(4) == 0 ? input.Length : random.Next(1, 100));
            if (!wantsMore(input.AsMemory(at, length)))
            {
                return;
            }
            at += length;
        }
    }
}
