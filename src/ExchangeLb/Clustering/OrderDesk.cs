using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Orders;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>Orders to other nodes, and theirs to this one. At most <see cref="OpenMax"/> wait for an answer at once. Any thread.</summary>
/// <param name="broadcast">Sends a sealed message.</param>
/// <param name="obey">Does what another node's administrator asked for.</param>
internal sealed class OrderDesk(
    NodeId self, Envelope envelope, Func<byte[], int, bool> broadcast, Func<Order, Task<CommandResult>> obey)
{
    public const int OpenMax = 32;
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(25);

    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<CommandResult>> _open = new();
    private readonly ulong _lifeBase = (ulong)Random.Shared.NextInt64() << 20;
    private ulong _number;

    /// <summary>Sends an order to one node and waits for its answer.</summary>
    public async Task<CommandResult> AskAsync(NodeId target, string targetName, OrderKind kind, string first = "", string second = "")
    {
        if (_open.Count >= OpenMax)
        {
            return CommandResult.Failed("too many orders wait for their answer; try again later");
        }
        ulong number = _lifeBase + Interlocked.Increment(ref _number);
        TaskCompletionSource<CommandResult> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[number] = answer;
        try
        {
            return !Send(new Order(kind, number, target, false, first, second))
                ? CommandResult.Failed("the cluster's messaging does not take a message now; see 'exchangelb status'")
                : await answer.Task.WaitAsync(AnswerWithin).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return CommandResult.Failed($"{targetName} did not answer within {AnswerWithin.TotalSeconds:0} s");
        }
        finally
        {
            _open.TryRemove(number, out _);
        }
    }

    /// <summary>A message of kind Order has come. Returns at once.</summary>
    public void Received(NodeId sender, ReadOnlySpan<byte> body)
    {
        if (OrderCodec.Read(body) is not { } order || order.Target != self)
        {
            return;
        }
        if (order.Kind == OrderKind.Answer)
        {
            if (_open.TryRemove(order.Number, out TaskCompletionSource<CommandResult>? waiting))
            {
                waiting.TrySetResult(new CommandResult(order.Done, order.First));
            }
            return;
        }
        _ = ObeyAsync(sender, order);
    }

    private async Task ObeyAsync(NodeId sender, Order order)
    {
        CommandResult result;
        try
        {
            result = await Task.Run(() => obey(order)).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever went wrong here, the other node's administrator waits for an answer
        catch (Exception bug)
        {
            result = CommandResult.Failed($"internal error: {bug.Message}");
        }
#pragma warning restore CA1031
        Send(new Order(OrderKind.Answer, order.Number, sender, result.Done, result.Message, ""));
    }

    private bool Send(Order order)
    {
        byte[] message = new byte[Envelope.HeaderBytes + 2 * BodyReader.TextMaxBytes + 64];
        int body = OrderCodec.Write(order, message.AsSpan(Envelope.HeaderBytes));
        return body > 0 && broadcast(message, envelope.Seal(MessageKind.Order, message, body));
    }
}
