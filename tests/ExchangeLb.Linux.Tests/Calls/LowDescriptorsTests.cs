using ExchangeLb.Linux.Calls;
using Xunit;

namespace ExchangeLb.Linux.Tests.Calls;

/// <summary>Alone in the process: while it counts on the numbers of descriptors, no other test may open or close any.</summary>
[CollectionDefinition(nameof(LowDescriptors), DisableParallelization = true)]
public sealed class LowDescriptorsAlone;

[Collection(nameof(LowDescriptors))]
public class LowDescriptorsTests
{
    [Fact]
    public void A_descriptor_moves_to_a_number_that_was_set_aside_and_the_number_stays_set_aside_when_it_is_closed()
    {
        Assert.True(LowDescriptors.Reserve(2).Ok);
        int first = Descriptor.Duplicate(0).Count;

        int moved = LowDescriptors.Move(first);
        Assert.True(moved < first);
        Assert.True(Descriptor.IsOpen(moved));
        LowDescriptors.Close(moved);
        int again = LowDescriptors.Move(Descriptor.Duplicate(0).Count);

        Assert.Equal(moved, again);
        int top = LowDescriptors.MoveToTop(Descriptor.Duplicate(0).Count);
        Assert.InRange(top, moved + 1, first - 1);
        Descriptor.Close(top);
        LowDescriptors.Close(again);
        LowDescriptors.LetGo();
        int kept = Descriptor.Duplicate(0).Count;
        Assert.Equal(kept, LowDescriptors.Move(kept));   // none is left
        LowDescriptors.Close(kept);
    }
}
