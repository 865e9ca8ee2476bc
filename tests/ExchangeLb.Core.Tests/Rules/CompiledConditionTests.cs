using System;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Rules;
using ExchangeLb.Core.Tests.Balance;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Core.Tests.Rules;

public sealed class CompiledConditionTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.0.0.0/8", "9.255.255.255", false)]
    [InlineData("192.0.2.7/32", "192.0.2.7", true)]
    [InlineData("192.0.2.7/32", "192.0.2.8", false)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "2002:a01:203::1", true)]
    [InlineData("10.0.0.0/8", "2002:b01:203::1", false)]
    [InlineData("10.0.0.0/8", "::10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "::11.1.2.3", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::", false)]
    [InlineData("2001:db8::/32", "10.0.0.1", false)]
    [InlineData("::/0", "10.0.0.1", true)]
    [InlineData("::ffff:0:0/96", "10.0.0.1", true)]
    [InlineData("::1/128", "::1", true)]
    [InlineData("::1/128", "::2", false)]
    public void A_network_holds_its_addresses(string network, string address, bool holds)
    {
        AddressTestModel source = new(ConnectionSide.Source, [IPNetwork.Parse(network)]);
        AddressTestModel destination = source with { Side = ConnectionSide.Destination };

        Assert.Equal(holds, Holds(Single(source), Facts(source: address)));
        Assert.Equal(holds, Holds(Single(destination), Facts(destination: address)));
    }

    [Theory]
    [InlineData(79, false)]
    [InlineData(80, true)]
    [InlineData(89, true)]
    [InlineData(90, false)]
    [InlineData(443, true)]
    public void Port_ranges_include_their_ends(int port, bool holds)
    {
        PortTestModel test = new(ConnectionSide.Destination, [(80, 89), (443, 443)]);

        Assert.Equal(holds, Holds(Single(test), Facts() with { DestinationPort = port }));
        Assert.False(Holds(Single(test), Facts() with { SourcePort = port }));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Usable_servers_are_counted_for_the_backend_that_is_named(int count, bool holds)
    {
        UsableServersTestModel test = new("b2", [(int.MinValue, 1)]);

        Assert.Equal(holds, Holds(Single(test), Facts(), 7, count));
    }

    [Fact]
    public void Terms_of_a_line_must_all_hold_and_any_of_several_lines_suffices()
    {
        ConditionTermModel yes = Constant(true);
        ConditionTermModel no = Constant(false);

        Assert.True(Holds(new ConditionModel(false, [[yes, no], [yes, yes]]), Facts()));
        Assert.False(Holds(new ConditionModel(false, [[yes, no], [no, yes]]), Facts()));
        Assert.True(Holds(new ConditionModel(false, [[yes, no with { Negated = true }]]), Facts()));
        Assert.False(Holds(new ConditionModel(true, [[yes]]), Facts()));
        Assert.True(Holds(new ConditionModel(true, [[no]]), Facts()));
    }

    [Fact]
    public void Evaluating_does_not_allocate()
    {
        CompiledCondition condition = CompiledCondition.Compile(
            Single(new AddressTestModel(ConnectionSide.Source, [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")])), _ => 0);
        ConnectionFacts facts = Facts(source: "2001:db8::7");

        Allocation.AssertNone(() => condition.Holds(facts, []));
    }

    /// <summary>Random conditions over four tests of the source port, beside a plain reading of the model.</summary>
    [Property]
    public bool The_compiled_form_says_what_the_model_says(byte[][] shape, bool negated, byte port)
    {
        ImmutableArray<ImmutableArray<ConditionTermModel>> anyOf =
            [.. shape.Select(terms => terms.Select(Term).ToImmutableArray())];
        ConditionModel model = new(negated, anyOf);
        ConnectionFacts facts = Facts() with { SourcePort = port % 8 };

        bool read = negated != anyOf.Any(terms => terms.All(term => term.Negated != term.AnyTest.Any(test => Reads(test, facts))));

        return Holds(model, facts) == read;
    }

    private static ConditionTermModel Term(byte code)
    {
        PortTestModel first = new(ConnectionSide.Source, [(code % 8, (code % 8) + (code / 64))]);
        PortTestModel second = new(ConnectionSide.Source, [(code / 8 % 8, code / 8 % 8), (1, 0)]);
        return new ConditionTermModel((code & 1) == 1, (code & 2) == 2 ? [first, second] : [second]);
    }

    private static bool Reads(AclTestModel test, ConnectionFacts facts) =>
        ((PortTestModel)test).Ranges.Any(range => facts.SourcePort >= range.Low && facts.SourcePort <= range.High);

    private static ConditionModel Single(AclTestModel test) => new(false, [[new ConditionTermModel(false, [test])]]);

    private static ConditionTermModel Constant(bool value) => new(false, [new ConstantTestModel(value)]);

    private static bool Holds(ConditionModel model, ConnectionFacts facts, params int[] usableServers) =>
        CompiledCondition.Compile(model, name => name == "b2" ? 1 : 0).Holds(facts, usableServers);

    private static ConnectionFacts Facts(string source = "198.51.100.1", string destination = "198.51.100.2") =>
        new(Balancing.Mapped(source), Balancing.Mapped(destination), 40_000, 50_000);
}
