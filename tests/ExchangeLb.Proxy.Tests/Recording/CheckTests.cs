using System.Collections.Generic;
using System.Net;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Recording;
using ExchangeLb.Proxy.Sessions;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Recording;

/// <summary>This node's sockets of a session expect 500 of the client and 50 of the server; 1000 and 100 is what they send next.</summary>
public sealed class CheckTests
{
    private const ulong Id = 7;
    private static readonly SessionStand Known = new(new HalfNumbers(1000, 500), new HalfNumbers(100, 50));

    [Theory]
    [InlineData(1000, 500, 100, 50, nameof(CheckVerdict.Here))]
    [InlineData(990, 500, 100, 50, nameof(CheckVerdict.Here))]          // what was sent since is on its way
    [InlineData(1001, 500, 100, 50, nameof(CheckVerdict.Elsewhere))]
    [InlineData(1000, 500, 101, 50, nameof(CheckVerdict.Elsewhere))]
    [InlineData(1000, 501, 100, 50, nameof(CheckVerdict.Ahead))]
    [InlineData(1000, 501, 101, 50, nameof(CheckVerdict.Elsewhere))]
    [InlineData(1000, 500, 100, 51, nameof(CheckVerdict.Ahead))]
    public void A_side_that_has_what_was_never_sent_to_it_has_it_from_another_node(uint clientExpects, uint clientSends, uint serverExpects, uint serverSends, string verdict)
    {
        CheckedSession session = Session();
        session.Hear(Segment(clientExpects, clientSends), isClient: true);
        session.Hear(Segment(serverExpects, serverSends), isClient: false);

        Assert.Equal(verdict, session.VerdictAt(Known).ToString());
    }

    [Theory]
    [InlineData(1000, nameof(CheckVerdict.Open))]
    [InlineData(1001, nameof(CheckVerdict.Elsewhere))]
    public void One_side_alone_can_say_that_it_is_elsewhere_and_not_that_it_is_here(uint clientExpects, string verdict)
    {
        CheckedSession session = Session();
        session.Hear(Segment(clientExpects, 500), isClient: true);

        Assert.Equal(verdict, session.VerdictAt(Known).ToString());
    }

    [Fact]
    public void Resets_and_segments_that_acknowledge_nothing_say_nothing()
    {
        CheckedSession session = Session();
        session.Hear(Segment(2000, 500) with { Resets = true }, isClient: true);
        session.Hear(Segment(2000, 500) with { Acknowledges = false }, isClient: false);

        Assert.False(session.WasHeard);
    }

    [Theory]
    [InlineData(false, 0, false)]
    [InlineData(true, 0, true)]
    [InlineData(true, 10, false)]       // something has come since it was asked first
    public void Who_is_ahead_is_reset_only_when_it_had_time_to_send_again_and_nothing_came(bool isLast, uint cameSince, bool reset)
    {
        Dictionary<ulong, SessionStand?> open = new() { [Id] = Known };
        CheckRound round = new(new LocalAddresses([IPAddress.Parse("10.0.0.100")]), 1, open, isLast);
        CheckedSession session = Session();
        SessionStand now = Known with { Client = new HalfNumbers(1000, 500 + cameSince) };
        round.Ask(session, now);
        session.Hear(Segment(1000, 600), isClient: true);
        session.Hear(Segment(100, 50), isClient: false);

        Assert.Equal(reset, round.Judge(session, now));
        Assert.Equal(reset ? 1 : 0, round.ResetTotal);
        Assert.Equal(!reset, round.Left.ContainsKey(Id));
        if (!reset) { Assert.Equal(Known, round.Left[Id]); }
    }

    [Fact]
    public void Numbers_go_round()
    {
        CheckedSession session = Session();
        session.Hear(Segment(5, 500), isClient: true);
        session.Hear(Segment(100, 50), isClient: false);

        Assert.Equal(CheckVerdict.Elsewhere, session.VerdictAt(Known with { Client = new HalfNumbers(uint.MaxValue - 5, 500) }));
    }

    private static CheckedSession Session() => new(Id, 0, 1, Ends(40_001, 443), Ends(9443, 30_001));

    private static ConnectionEnds Ends(int remote, int local) =>
        new(SockAddress.From(new IPEndPoint(IPAddress.Parse("10.0.0.100"), local)), SockAddress.From(new IPEndPoint(IPAddress.Parse("10.0.0.5"), remote)));

    private static TcpSegment Segment(uint expects, uint sends) => new(0, 0, 0, sends, expects, 0, Acknowledges: true, Resets: false);
}
