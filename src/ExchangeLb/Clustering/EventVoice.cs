using System;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

namespace ExchangeLb.Clustering;

/// <summary>Says events on the standard error one after the other; who has one to say never waits. When too many wait, they are dropped and counted.</summary>
internal sealed class EventVoice
{
    public const int WaitingMax = 256;

    private readonly Channel<string> _texts = Channel.CreateBounded<string>(
        new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private long _droppedTotal;

    public EventVoice(Action<string> say) => _ = Task.Run(async () =>
    {
        await foreach (string text in _texts.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            say(text);
        }
    });

    public long DroppedTotal => Interlocked.Read(ref _droppedTotal);

    public void Say(string text)
    {
        if (!_texts.Writer.TryWrite(text))
        {
            Interlocked.Increment(ref _droppedTotal);
        }
    }
}
