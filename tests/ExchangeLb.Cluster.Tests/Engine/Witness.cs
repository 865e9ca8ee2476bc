using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine;

/// <summary>Writes down what one engine says, and what it says against the contract.</summary>
internal sealed class Witness : IEngineObserver
{
    private readonly Lock _lock = new();
    private readonly List<ClusterView> _views = [];
    private readonly List<(NodeId Sender, byte[] Payload)> _messages = [];
    private readonly List<string> _violations = [];
    private int _callers;

    /// <summary>Called with each message, after it was written down.</summary>
    internal Action<NodeId, byte[]>? OnMessage { get; set; }

    internal ClusterView? View => Locked(() => _views.LastOrDefault());

    internal IReadOnlyList<ClusterView> Views => Locked(() => _views.ToArray());

    internal int HeardTotal => Locked(() => _views.Count + _messages.Count);

    internal IReadOnlyList<byte[]> MessagesOf(NodeId sender) => Locked(() => _messages.Where(message => message.Sender == sender).Select(message => message.Payload).ToArray());

    internal bool Sees(params NodeId[] members) => View is { } view && view.Members.SequenceEqual(members);

    internal void AssertNothingAgainstTheContract() => Assert.Empty(Locked(() => _violations.ToArray()));

    public void ViewChanged(ClusterView view)
    {
        Enter();
        if (!view.Members.Contains(view.Self)) { Violation($"a view without the node itself: {view}"); }
        if (!view.Members.SequenceEqual(view.Members.Distinct().Order())) { Violation($"members not ascending, or twice: {view}"); }
        if (View is { } before)
        {
            bool sameMembers = before.Members.SequenceEqual(view.Members);
            if (view.Self != before.Self) { Violation($"another self: {before}, then {view}"); }
            if (view.Epoch < before.Epoch) { Violation($"an epoch went back: {before}, then {view}"); }
            if (view.Epoch == before.Epoch && !sameMembers) { Violation($"other members in the same epoch: {before}, then {view}"); }
        }
        lock (_lock) { _views.Add(view); }
        Leave();
    }

    public void MessageArrived(NodeId sender, ReadOnlySpan<byte> payload)
    {
        Enter();
        byte[] copy = payload.ToArray();
        if (View is not { } view) { Violation($"a message of {sender} before the first view"); }
        else if (!view.Members.Contains(sender)) { Violation($"a message of {sender}, who is not in {view}"); }
        lock (_lock) { _messages.Add((sender, copy)); }
        OnMessage?.Invoke(sender, copy);
        Leave();
    }

    private void Enter()
    {
        if (Interlocked.Increment(ref _callers) != 1) { Violation("two calls at the same time"); }
    }

    private void Leave() => Interlocked.Decrement(ref _callers);

    private void Violation(string text)
    {
        lock (_lock) { _violations.Add(text); }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock) { return read(); }
    }
}
