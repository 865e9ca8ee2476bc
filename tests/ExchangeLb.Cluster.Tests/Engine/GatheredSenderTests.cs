using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine;

public sealed class GatheredSenderTests : IClusterEngine, IMonotonicClock
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    private readonly GatheredSender _sender;
    private readonly List<int> _sent = [];
    private SendResult _answer = SendResult.Accepted;
    private int _room = int.MaxValue;
    private int _woken;
    private Action? _meanwhile;

    public GatheredSenderTests() => _sender = new GatheredSender(this, this, () => Interlocked.Increment(ref _woken));

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(5);

    public int PayloadMaxBytes => 64 * 1024;

    public EngineCounters Counters => default;

    [Fact]
    public void A_message_that_none_was_before_goes_at_once()
    {
        Send(1);
        Pass(GatheredSender.Pace);
        Send(2);

        Assert.Equal([1, 2], _sent);
        Assert.Equal(0, _woken);
        Assert.Equal(TimeSpan.MaxValue, _sender.Tick(Now));
    }

    [Fact]
    public void Those_that_come_soon_after_it_go_together_and_in_order()
    {
        Send(1);
        Pass(Millisecond);
        Send(2);
        Send(3);
        Assert.Equal([1], _sent);
        Assert.Equal(1, _woken);
        Assert.Equal(Now + GatheredSender.Pace - Millisecond, _sender.Tick(Now));

        Pass(GatheredSender.Pace);
        Assert.Equal(TimeSpan.MaxValue, _sender.Tick(Now));
        Assert.Equal([1, 2, 3], _sent);

        Send(4);        // the pace counts from these
        Assert.Equal([1, 2, 3], _sent);
        Assert.Equal(2, _woken);
    }

    [Fact]
    public void Who_comes_when_the_others_are_due_sends_them_himself()
    {
        Send(1);
        Send(2);
        Pass(GatheredSender.Pace);
        Send(3);        // whoever was to come has no processor

        Assert.Equal([1, 2, 3], _sent);
        Assert.Equal(TimeSpan.MaxValue, _sender.Tick(Now));
    }

    [Fact]
    public void A_large_one_does_not_wait_and_takes_along_what_was_before_it()
    {
        Send(1);
        Send(2);
        Assert.Equal(SendResult.Accepted, Send(3, GatheredSender.LargeBytes + 1));

        Assert.Equal([1, 2, 3], _sent);
    }

    [Fact]
    public void More_than_there_is_room_for_does_not_wait()
    {
        int fit = GatheredSender.RoomBytes / GatheredSender.LargeBytes;
        Send(0);
        for (int i = 1; i <= fit; i++) { Send(i, GatheredSender.LargeBytes); }
        Assert.Equal([0], _sent);

        Send(fit + 1);
        Assert.Equal(Enumerable.Range(0, fit + 1), _sent);
        Pass(GatheredSender.Pace);
        _sender.Tick(Now);

        Assert.Equal(Enumerable.Range(0, fit + 2), _sent);
    }

    [Fact]
    public void What_a_full_engine_does_not_take_is_offered_again_in_its_order()
    {
        Send(1);
        Send(2);
        Send(3, 700);
        Send(4, 30);
        _room = 1;
        Pass(GatheredSender.Pace);
        TimeSpan again = _sender.Tick(Now);
        Assert.Equal([1, 2], _sent);
        Assert.Equal(Now + Millisecond, again);
        Assert.Equal(SendResult.Accepted, Send(5, GatheredSender.LargeBytes + 1));

        _room = int.MaxValue;
        Pass(again - Now);
        Assert.Equal(TimeSpan.MaxValue, _sender.Tick(Now));

        Assert.Equal([1, 2, 3, 4, 5], _sent);
    }

    [Fact]
    public void A_sender_hears_that_too_much_waits_and_what_waits_is_not_lost()
    {
        Send(0);
        _room = 0;
        int accepted = Enumerable.Range(1, 100).TakeWhile(i => Send(i, GatheredSender.LargeBytes) == SendResult.Accepted).Count();
        Assert.Equal(2 * GatheredSender.RoomBytes / GatheredSender.LargeBytes, accepted);       // what is on its way, and what waits
        Assert.Equal(1, _sender.RefusedTotal);

        _room = int.MaxValue;
        Pass(GatheredSender.Pace);
        Assert.Equal(TimeSpan.MaxValue, _sender.Tick(Now));

        Assert.Equal(Enumerable.Range(0, accepted + 1), _sent);
    }

    [Fact]
    public void What_is_sent_while_others_are_given_to_the_engine_waits_for_its_turn()
    {
        _meanwhile = () => Send(2);
        Send(1);
        Assert.Equal([1], _sent);
        Assert.Equal(2, _woken);        // it waits; and nobody is giving any more
        Assert.Equal(Now + GatheredSender.Pace, _sender.Tick(Now));

        Pass(GatheredSender.Pace);
        _meanwhile = () => Send(3);
        _sender.Tick(Now);
        Pass(GatheredSender.Pace);
        _sender.Tick(Now);

        Assert.Equal([1, 2, 3], _sent);
    }

    [Fact]
    public void One_that_is_sent_at_once_takes_along_what_was_before_it()
    {
        Send(1);
        Send(2);
        Assert.Equal(SendResult.Accepted, _sender.SendAtOnce(Message(3, 20)));
        Assert.Equal([1, 2, 3], _sent);

        Pass(GatheredSender.Pace);
        Assert.Equal(SendResult.Accepted, _sender.SendAtOnce(Message(4, 20)));
        Assert.Equal([1, 2, 3, 4], _sent);
    }

    [Fact]
    public void One_that_is_sent_at_once_while_others_are_given_to_the_engine_is_the_next()
    {
        _meanwhile = () => _sender.SendAtOnce(Message(2, 20));
        Send(1);
        Assert.Equal([1], _sent);
        Assert.Equal(2, _woken);

        Assert.Equal(TimeSpan.MaxValue, _sender.Tick(Now));
        Assert.Equal([1, 2], _sent);
        Send(3);
        Assert.Equal([1, 2], _sent);
    }

    [Theory]
    [InlineData(SendResult.NotJoined)]
    [InlineData(SendResult.QueueFull)]
    [InlineData(SendResult.TooLarge)]
    public void What_the_engine_says_of_a_message_that_did_not_wait_is_what_the_sender_hears(SendResult answer)
    {
        _answer = answer;

        Assert.Equal(answer, Send(1));
    }

    [Fact]
    public void What_waits_when_the_engine_has_left_is_lost_and_stops_nothing()
    {
        Send(1);
        Send(2);
        _answer = SendResult.NotJoined;
        Pass(GatheredSender.Pace);
        Assert.Equal(TimeSpan.MaxValue, _sender.Tick(Now));

        _answer = SendResult.Accepted;
        Pass(GatheredSender.Pace);
        Send(3);
        Assert.Equal([1, 3], _sent);
    }

    [Fact]
    public void At_the_end_nothing_is_left_and_nothing_is_taken()
    {
        Send(1);
        Send(2);
        Send(3);
        _room = 1;
        Assert.False(_sender.TryEnd());
        _room = int.MaxValue;
        Assert.True(_sender.TryEnd());

        Assert.Equal([1, 2, 3], _sent);
        Assert.Equal(SendResult.NotJoined, Send(4));
        Assert.Equal([1, 2, 3], _sent);
    }

    /// <summary>Each sender's messages come all, once, and in its order.</summary>
    [Fact]
    public async Task Several_threads_send_and_one_ticks()
    {
        const int Senders = 4, Each = 20_000, First = 1_000_000;
        Task[] senders =
        [
            .. Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
            {
                for (int i = 0; i < Each; i++)
                {
                    while (Send((sender * First) + i, 4 + (i % 100)) == SendResult.QueueFull) { Thread.Yield(); }
                }
            })),
        ];
        Task all = Task.WhenAll(senders);
        while (!all.IsCompleted)
        {
            Pass(Millisecond);
            _sender.Tick(Now);
        }
        await all;
        Assert.True(_sender.TryEnd());

        Assert.Equal(Senders * Each, _sent.Count);
        for (int sender = 0; sender < Senders; sender++)
        {
            Assert.Equal(Enumerable.Range(sender * First, Each), _sent.Where(number => number / First == sender));
        }
    }

    void IClusterEngine.Start(IEngineObserver observer)
    {
    }

    SendResult IClusterEngine.Broadcast(ReadOnlySpan<byte> payload)
    {
        if (_answer != SendResult.Accepted) { return _answer; }
        if (_room == 0) { return SendResult.QueueFull; }
        _room--;
        int number = BitConverter.ToInt32(payload);
        _sent.Add(payload.SequenceEqual(Message(number, payload.Length)) ? number : -1);
        Interlocked.Exchange(ref _meanwhile, null)?.Invoke();
        return SendResult.Accepted;
    }

    void IDisposable.Dispose()
    {
    }

    private void Pass(TimeSpan time) => Now += time;

    private SendResult Send(int number, int length = 5) => _sender.Send(Message(number, length));

    /// <summary>Whole only if each of its bytes is.</summary>
    private static byte[] Message(int number, int length)
    {
        byte[] message = new byte[length];
        Array.Fill(message, (byte)(number + length));
        BitConverter.TryWriteBytes(message, number);
        return message;
    }
}
