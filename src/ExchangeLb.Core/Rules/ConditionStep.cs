using System;

namespace ExchangeLb.Core.Rules;

/// <summary>
/// One step of a compiled condition: a number of the connection lies between two bounds, or does not; either way names the
/// next step, or the verdict.
/// </summary>
internal readonly record struct ConditionStep
{
    /// <summary>Value of <see cref="WhenTrue"/> and <see cref="WhenFalse"/>: the condition does not hold.</summary>
    public const int DoesNotHold = -1;

    /// <summary>Value of <see cref="WhenTrue"/> and <see cref="WhenFalse"/>: the condition holds.</summary>
    public const int Holds = -2;

    public ConditionSubject Subject { get; init; }

    /// <summary>Bounds, both included. A network is the range of its addresses.</summary>
    public UInt128 Low { get; init; }

    public UInt128 High { get; init; }

    /// <summary>For <see cref="ConditionSubject.UsableServers"/>.</summary>
    public int BackendIndex { get; init; }

    public int WhenTrue { get; init; }

    public int WhenFalse { get; init; }
}

/// <summary>The number that a step looks at.</summary>
internal enum ConditionSubject
{
    Source,
    Destination,
    SourcePort,
    DestinationPort,
    UsableServers,

    /// <summary>Always 1.</summary>
    One,
}
