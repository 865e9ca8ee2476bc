using ExchangeLb.Proxy.Loops;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Loops;

public sealed class EventKeyTests
{
    [Property]
    public void A_key_gives_back_what_was_put_in(uint generation, int slot)
    {
        int index = slot & int.MaxValue;
        foreach (EventKind kind in new[] { EventKind.WakeUp, EventKind.Listener, EventKind.Client })
        {
            var key = new EventKey(new EventKey(kind, generation, index).Value);
            Assert.Equal((kind, generation & EventKey.GenerationMask, index), (key.Kind, key.Generation, key.Index));
        }
    }

    [Property]
    public void A_server_side_also_tells_its_attempt(uint generation, int slot, byte attempt)
    {
        var key = new EventKey(EventKey.ForServer(generation, slot & int.MaxValue, attempt).Value);
        Assert.Equal(EventKind.Server, key.Kind);
        Assert.Equal(attempt & 7, key.Attempt);
        Assert.Equal((generation & EventKey.GenerationMask, slot & int.MaxValue), (key.Generation, key.Index));
    }
}
