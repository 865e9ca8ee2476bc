using System.Linq;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>A judge that never finds anything may be blind: with any one rule broken, this one finds it soon.</summary>
public sealed class MutationTests
{
    private const int SeedsMax = 3000;

    [Theory]
    [InlineData(nameof(Mutation.ClaimIsMute))]
    [InlineData(nameof(Mutation.CommitIsUnconditional))]
    [InlineData(nameof(Mutation.PromisesAreBroken))]
    [InlineData(nameof(Mutation.LeaseNeverEnds))]
    [InlineData(nameof(Mutation.ProbesAreUnanswered))]
    [InlineData(nameof(Mutation.GuardLies))]
    public void Without_any_one_rule_there_are_two_owners(string mutation)
    {
        Mutation broken = System.Enum.Parse<Mutation>(mutation);

        int found = Enumerable.Range(1, SeedsMax).FirstOrDefault(seed => Simulation.Run(seed, broken)?.Contains("two owners", System.StringComparison.Ordinal) == true);

        Assert.True(found > 0, $"{mutation}: not noticed in {SeedsMax} seeds");
    }

    [Fact]
    public void A_node_that_keeps_its_sessions_over_the_loss_of_a_VIP_is_found()
    {
        int found = Enumerable.Range(1, SeedsMax).FirstOrDefault(seed =>
            Simulation.Run(seed, Mutation.SessionsAreNotAbandoned)?.Contains("from an earlier time", System.StringComparison.Ordinal) == true);

        Assert.True(found > 0);
    }

    [Fact]
    public void A_node_that_keeps_sessions_while_another_one_is_owner_is_found() =>
        Assert.True(FirstThatSays("which it does not own", Mutation.KeptSessionsStay) > 0);

    [Fact]
    public void An_owner_that_keeps_sessions_which_went_on_elsewhere_in_a_split_is_found()
    {
        int found = Enumerable.Range(1, SeedsMax).FirstOrDefault(seed =>
            Simulation.Run(seed, Mutation.OwnersDoNotCheck)?.Contains(" hangs at ", System.StringComparison.Ordinal) == true);

        Assert.True(found > 0);
    }

    [Fact]
    public void An_owner_that_leaves_sessions_which_a_node_has_lost_is_found() =>
        Assert.True(FirstThatSays("its ends were not told", Mutation.LostSessionsAreLeft) > 0);

    [Fact]
    public void An_owner_that_resets_its_own_sessions_for_lost_ones_is_found() =>
        Assert.True(FirstThatSays(" runs", Mutation.LostSessionsAreAllReset) > 0);

    private static int FirstThatSays(string words, Mutation mutation) =>
        Enumerable.Range(1, SeedsMax).FirstOrDefault(seed => Simulation.Run(seed, mutation)?.Contains(words, System.StringComparison.Ordinal) == true);
}
