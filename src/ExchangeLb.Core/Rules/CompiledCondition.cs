using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Rules;

/// <summary>
/// A condition of ACLs as a flat list of steps with two exits each, made once per configuration. Evaluating walks forward through
/// the list, never back, so it takes at most one look at each test. Immutable, shared by all loops.
/// </summary>
public sealed class CompiledCondition
{
    private readonly ConditionStep[] _steps;
    private readonly int _start;

    internal CompiledCondition(ConditionStep[] steps, int start)
    {
        _steps = steps;
        _start = start;
    }

    /// <param name="backendIndex">Place of a backend's count in what <see cref="Holds"/> is given, by name.</param>
    public static CompiledCondition Compile(ConditionModel condition, Func<string, int> backendIndex) =>
        new ConditionCompiler(backendIndex).Compile(condition);

    /// <param name="usableServers">For each backend what `nbsrv` is: active usable servers, or usable backup servers when there are none.</param>
    public bool Holds(in ConnectionFacts facts, ReadOnlySpan<int> usableServers)
    {
        ConditionStep[] steps = _steps;
        int at = _start;
        while (at >= 0)
        {
            ref readonly ConditionStep step = ref steps[at];
            UInt128 value = step.Subject switch
            {
                ConditionSubject.Source => facts.Source,
                ConditionSubject.Destination => facts.Destination,
                ConditionSubject.SourcePort => (UInt128)(uint)facts.SourcePort,
                ConditionSubject.DestinationPort => (UInt128)(uint)facts.DestinationPort,
                ConditionSubject.UsableServers => (UInt128)(uint)usableServers[step.BackendIndex],
                _ => UInt128.One,
            };
            at = value >= step.Low && value <= step.High ? step.WhenTrue : step.WhenFalse;
        }
        return at == ConditionStep.Holds;
    }
}
