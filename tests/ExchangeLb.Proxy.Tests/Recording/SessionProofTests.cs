using ExchangeLb.Linux.Frames;
using ExchangeLb.Proxy.Recording;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Recording;

public class SessionProofTests
{
    private const uint Sent = 4_294_967_290;    // the numbers go round during the test
    private const uint Received = 1000;
    private const long End = 1700;
    private readonly HalfProof _client = new(new HalfNumbers(Sent, Received));
    private readonly HalfProof _server = new(new HalfNumbers(Sent, Received));

    private SessionProof Proof => new(quiet: true, _client, _server, endMs: End);

    [Fact]
    public void Goes_on_when_both_sides_are_where_the_record_says()
    {
        _client.Hear(Answer(Received, Sent));
        Assert.Equal(ProofVerdict.Open, Proof.VerdictAt(1));

        _server.Hear(Answer(Received, Sent));

        Assert.Equal(ProofVerdict.Proven, Proof.VerdictAt(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(-1)]
    public void Is_stale_when_a_side_has_got_more_or_less_than_was_recorded(int more)
    {
        _client.Hear(Answer(Received, Sent));

        _server.Hear(Answer(Received, unchecked(Sent + (uint)more)));

        Assert.Equal(ProofVerdict.Stale, Proof.VerdictAt(1));
        Assert.Equal(HalfStep.Reset, Proof.StepOf(_client, 1));
        Assert.Equal(HalfStep.Reset, Proof.StepOf(_server, 1));
        Assert.Equal(new HalfNumbers(unchecked(Sent + (uint)more), Received), _server.ForReset);
    }

    [Fact]
    public void A_side_that_is_ahead_is_waited_for_until_it_sends_again_what_is_missing()
    {
        _server.Hear(Answer(Received, Sent));
        _client.Hear(Answer(Received + 10, Sent));
        Assert.Equal(ProofVerdict.Open, Proof.VerdictAt(End - 1));

        _client.Hear(Data(Received, Sent, 10));

        Assert.Equal(ProofVerdict.Proven, Proof.VerdictAt(End - 1));
    }

    [Fact]
    public void A_side_that_stays_ahead_is_stale_in_the_end()
    {
        _server.Hear(Answer(Received, Sent));
        _client.Hear(Answer(Received + 10, Sent));
        _client.Hear(Data(Received + 10, Sent, 5));

        Assert.Equal(ProofVerdict.Stale, Proof.VerdictAt(End));
        Assert.Equal(HalfStep.Reset, Proof.StepOf(_client, End));
        Assert.Equal(new HalfNumbers(Sent, Received + 15), _client.ForReset);
    }

    [Fact]
    public void A_side_that_is_ahead_of_a_former_owner_that_spoke_at_its_end_is_stale_at_once()
    {
        HalfProof client = new(new HalfNumbers(Sent, Received), new TimestampSpan(From: uint.MaxValue, End: 40));
        _server.Hear(Answer(Received, Sent));

        client.Hear(Answer(Received + 10, Sent) with { Echo = 39 });

        Assert.Equal(HalfStanding.Elsewhere, client.Standing);
        SessionProof proof = new(quiet: true, client, _server, endMs: End);
        Assert.Equal(ProofVerdict.Stale, proof.VerdictAt(1));
        Assert.Equal(HalfStep.Reset, proof.StepOf(client, 1));
    }

    [Theory]
    [InlineData(uint.MaxValue - 1)]     // from before the record, or long before the end
    [InlineData(40U)]                   // of this node's own socket
    [InlineData(null)]
    public void A_side_that_is_ahead_and_heard_nothing_of_the_former_owners_end_is_waited_for(uint? echo)
    {
        HalfProof client = new(new HalfNumbers(Sent, Received), new TimestampSpan(From: uint.MaxValue, End: 40));

        client.Hear(Answer(Received + 10, Sent) with { Echo = echo });

        Assert.Equal(HalfStanding.Ahead, client.Standing);
    }

    [Fact]
    public void A_side_that_is_where_the_record_says_is_believed_whatever_the_former_owner_said_last()
    {
        HalfProof client = new(new HalfNumbers(Sent, Received), new TimestampSpan(From: uint.MaxValue, End: 40));

        client.Hear(Answer(Received, Sent) with { Echo = 10 });

        Assert.Equal(HalfStanding.AsRecorded, client.Standing);
    }

    [Fact]
    public void The_last_reset_leaves_some_time_before_two_seconds_are_over()
    {
        Assert.Equal(5000 + SessionProof.LimitMs, SessionProof.EndOf(takeOverMs: 5000, nowMs: 5000));
        Assert.Equal(5000 + SessionProof.LimitMs, SessionProof.EndOf(takeOverMs: 5000, nowMs: 6000));
        Assert.InRange(SessionProof.LimitMs, (3 * SessionProof.AskAgainMs) + 1, 1750);
    }

    [Fact]
    public void Who_is_asked_late_has_time_for_a_second_question() =>
        Assert.InRange(SessionProof.EndOf(takeOverMs: 5000, nowMs: 9000), 9000 + SessionProof.AskAgainMs + 1, 10_000);

    [Fact]
    public void What_the_kernel_took_meanwhile_was_sent_from_the_recorded_place_on()
    {
        _server.Hear(Answer(Received, Sent));
        _client.Hear(Answer(Received + 10, Sent));

        _client.NoteAsked(550, Received + 10);

        Assert.Equal(ProofVerdict.Proven, Proof.VerdictAt(551));
    }

    [Fact]
    public void What_the_kernel_took_before_the_first_question_moves_the_expectation()
    {
        _client.NoteAsked(0, Received + 10);
        _client.Hear(Answer(Received + 10, Sent));

        Assert.Equal(HalfStanding.AsRecorded, _client.Standing);
    }

    [Fact]
    public void A_repetition_across_the_recorded_place_proves_it_and_one_before_it_proves_nothing()
    {
        _server.Hear(Data(Received - 10, Sent, 10));
        Assert.Equal(HalfStanding.Unheard, _server.Standing);

        _client.Hear(Data(Received - 5, Sent, 10));

        Assert.Equal(HalfStanding.AsRecorded, _client.Standing);
    }

    [Fact]
    public void Only_a_reset_that_answers_the_question_is_believed()
    {
        _client.Hear(Reset(Received + 7));
        Assert.Equal(HalfStanding.Unheard, _client.Standing);

        _client.Hear(Reset(Received));

        Assert.Equal(HalfStanding.Gone, _client.Standing);
        Assert.Equal(HalfStep.Close, Proof.StepOf(_client, 1));
    }

    [Fact]
    public void A_half_that_contradicts_itself_is_not_gone_on_with()
    {
        _client.Hear(Answer(Received, Sent));
        _server.Hear(Answer(Received, Sent));

        _client.Hear(Answer(Received, Sent + 1));

        Assert.Equal(ProofVerdict.Stale, Proof.VerdictAt(1));
    }

    [Fact]
    public void Who_does_not_answer_is_asked_again_and_reset_by_the_record_in_the_end()
    {
        _server.Hear(Answer(Received, Sent));
        _client.NoteAsked(0, Received);

        Assert.Equal(HalfStep.Wait, Proof.StepOf(_client, 549));
        Assert.Equal(HalfStep.Ask, Proof.StepOf(_client, 550));
        Assert.Equal(HalfStep.Wait, Proof.StepOf(_server, 550));
        Assert.Equal(ProofVerdict.Unanswered, Proof.VerdictAt(End));
        Assert.Equal(HalfStep.Reset, Proof.StepOf(_client, End));
        Assert.Equal(new HalfNumbers(Sent, Received), _client.ForReset);
    }

    [Fact]
    public void An_active_session_is_reset_by_what_its_sides_say_each_as_soon_as_it_does()
    {
        HalfProof client = new(record: null), server = new(record: null);
        SessionProof active = new(quiet: false, client, server, endMs: End);
        client.Hear(Data(5, 6, 100));

        Assert.Equal(ProofVerdict.Active, active.VerdictAt(0));
        Assert.Equal(HalfStep.Reset, active.StepOf(client, 1));
        Assert.Equal(new HalfNumbers(6, 105), client.ForReset);
        Assert.Equal(HalfStep.Wait, active.StepOf(server, 1));
        Assert.Equal(HalfStep.Close, active.StepOf(server, End));      // with which numbers nobody knows
    }

    private static TcpSegment Answer(uint sequence, uint acknowledged) => Data(sequence, acknowledged, 0);

    private static TcpSegment Data(uint sequence, uint acknowledged, int length) => new(default, 0, 0, sequence, acknowledged, length, true, false);

    private static TcpSegment Reset(uint sequence) => new(default, 0, 0, sequence, 0, 0, false, true);
}
