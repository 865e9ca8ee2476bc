using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine;

public sealed class GatheredSenderTests : IClusterEngine, IMonotonicClock
{
    private readonly GatheredSender _sender;
    private readonly List<byte> _sent = [];
    private SendResult _answer = SendResult.Accepted;
    private int _room = int.MaxValue;
    private int _woken;

    public GatheredSenderTests() => _sender = new GatheredSender(this, this, () => _woken++);

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
        Pass(TimeSpan.FromMilliseconds(1));
        Send(2);
        Send(3);
        Assert.Equal([1], _sent);
        Assert.Equal(1, _woken);
        Assert.Equal(Now + GatheredSender.Pace - TimeSpan.FromMilliseconds(1), _sender.Tick(Now));

        Pass(GatheredSender.Pace);
        Assert.Equal(TimeSpan.MaxValue, _sender.Tick(Now));
        Assert.Equal([1, 2, 3], _sent);

        Send(4);        // the pace counts from these
        Assert.Equal([1, 2, 3], _sent);
        Assert.Equal(2, _woken);
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

        Assert.Equal(Enumerable.Range(0, fit + 1).Select(i => (byte)i), _sent);
    }

    [Fact]
    public void What_a_full_engine_does_not_take_is_offered_again_in_its_order()
    {
        Send(1);
        Send(2);
        Send(3);
        _room = 1;
        Pass(GatheredSender.Pace);
        TimeSpan again = _sender.Tick(Now);
        Assert.Equal([1, 2], _sent);
        Assert.Equal(Now + TimeSpan.FromMilliseconds(1), again);
        Assert.Equal(SendResult.Accepted, Send(4, GatheredSender.LargeBytes + 1));

        _room = int.MaxValue;
        Pass(again - Now);
        _sender.Tick(Now);

        Assert.Equal([1, 2, 3, 4], _sent);
    }

    [Fact]
    public void A_sender_hears_that_too_much_waits_and_what_waits_is_not_lost()
    {
        Send(0);
        _room = 0;
        int accepted = Enumerable.Range(1, 100).TakeWhile(i => Send(i, GatheredSender.LargeBytes) == SendResult.Accepted).Count();
        Assert.Equal(GatheredSender.RoomBytes / GatheredSender.LargeBytes, accepted);

        _room = int.MaxValue;
        Pass(GatheredSender.Pace);
        _sender.Tick(Now);

        Assert.Equal(Enumerable.Range(0, accepted + 1).Select(i => (byte)i), _sent);
    }

    [Theory]
    [InlineData(SendResult.NotJoined)]
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
    public void At_the_end_nothing_is_left()
    {
        Send(1);
        Send(2);
        _sender.Flush();
        Assert.Equal([1, 2], _sent);
    }

    void IClusterEngine.Start(IEngineObserver observer)
    {
    }

    SendResult IClusterEngine.Broadcast(ReadOnlySpan<byte> payload)
    {
        if (_answer != SendResult.Accepted) { return _answer; }
        if (_room == 0) { return SendResult.QueueFull; }
        _room--;
        _sent.Add(payload[0]);
        return SendResult.Accepted;
    }

    void IDisposable.Dispose()
    {
    }

    private void Pass(TimeSpan time) => Now += time;

    private SendResult Send(int first, int length = 5)
    {
        byte[] message = new byte[length];
        message[0] = (byte)first;
        return _sender.Send(message);
    }
}
