using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Rules;

/// <summary>
/// Turns a condition into steps, from its end to its begin: each part is told where to go when it holds and when it does not, and
/// answers with its own first step.
/// </summary>
internal sealed class ConditionCompiler(Func<string, int> backendIndex)
{
    private readonly List<ConditionStep> _steps = [];

    public CompiledCondition Compile(ConditionModel condition)
    {
        int whenTrue = condition.Negated ? ConditionStep.DoesNotHold : ConditionStep.Holds;
        int next = condition.Negated ? ConditionStep.Holds : ConditionStep.DoesNotHold;
        for (int i = condition.AnyOf.Length - 1; i >= 0; i--)
        {
            next = AllOf(condition.AnyOf[i], whenTrue, next);
        }
        return Forward(next);
    }

    private int AllOf(ImmutableArray<ConditionTermModel> terms, int whenTrue, int whenFalse)
    {
        int next = whenTrue;
        for (int i = terms.Length - 1; i >= 0; i--)
        {
            next = terms[i].Negated ? AnyTest(terms[i], whenFalse, next) : AnyTest(terms[i], next, whenFalse);
        }
        return next;
    }

    private int AnyTest(ConditionTermModel term, int whenTrue, int whenFalse)
    {
        int next = whenFalse;
        for (int i = term.AnyTest.Length - 1; i >= 0; i--)
        {
            next = Test(term.AnyTest[i], whenTrue, next);
        }
        return next;
    }

    private int Test(AclTestModel test, int whenTrue, int whenFalse)
    {
        switch (test)
        {
            case ConstantTestModel constant:
                return constant.Value ? whenTrue : whenFalse;
            case AddressTestModel address:
                return AnyRange(AddressRanges.Of(address), Address(address.Side), 0, whenTrue, whenFalse);
            case PortTestModel port:
                return AnyRange(Numbers(port.Ranges), Port(port.Side), 0, whenTrue, whenFalse);
            case UsableServersTestModel servers:
                int backend = backendIndex(servers.Backend);
                return AnyRange(Numbers(servers.Ranges), ConditionSubject.UsableServers, backend, whenTrue, whenFalse);
            default:
                throw new ArgumentException($"no such test: {test.GetType().Name}", nameof(test));
        }
    }

    private int AnyRange(
        List<(UInt128 Low, UInt128 High)> ranges, ConditionSubject subject, int backend, int whenTrue, int whenFalse)
    {
        int next = whenFalse;
        for (int i = ranges.Count - 1; i >= 0; i--)
        {
            _steps.Add(new ConditionStep
            {
                Subject = subject,
                Low = ranges[i].Low,
                High = ranges[i].High,
                BackendIndex = backend,
                WhenTrue = whenTrue,
                WhenFalse = next,
            });
            next = _steps.Count - 1;
        }
        return next;
    }

    private static List<(UInt128 Low, UInt128 High)> Numbers(ImmutableArray<(int Low, int High)> ranges)
    {
        List<(UInt128, UInt128)> result = [];
        foreach ((int low, int high) in ranges)
        {
            if (high >= 0)
            {
                result.Add(((UInt128)(uint)Math.Max(low, 0), (UInt128)(uint)high));
            }
        }
        return result;
    }

    private static ConditionSubject Address(ConnectionSide side) =>
        side == ConnectionSide.Source ? ConditionSubject.Source : ConditionSubject.Destination;

    private static ConditionSubject Port(ConnectionSide side) =>
        side == ConnectionSide.Source ? ConditionSubject.SourcePort : ConditionSubject.DestinationPort;

    /// <summary>The steps were made from the end; turned around they are walked through with rising indexes.</summary>
    private CompiledCondition Forward(int start)
    {
        int last = _steps.Count - 1;
        ConditionStep[] steps = new ConditionStep[_steps.Count];
        for (int i = 0; i <= last; i++)
        {
            ConditionStep step = _steps[last - i];
            steps[i] = step with { WhenTrue = Turned(step.WhenTrue, last), WhenFalse = Turned(step.WhenFalse, last) };
        }
        return new CompiledCondition(steps, Turned(start, last));
    }

    private static int Turned(int index, int last) => index < 0 ? index : last - index;
}
