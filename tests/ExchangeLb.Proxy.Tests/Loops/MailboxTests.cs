using System.Linq;
using System.Threading.Tasks;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Proxy.Loops;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Loops;

public sealed class MailboxTests
{
    [Fact]
    public void Messages_come_in_the_order_in_which_they_were_posted_and_once()
    {
        using var mailbox = new Mailbox();
        LoopMessage[] posted = [new LoopMessage.StopSoftly(), new LoopMessage.ResumeAccepting(), new LoopMessage.StopNow()];
        foreach (LoopMessage message in posted)
        {
            Assert.True(mailbox.Post(message));
        }
        Assert.Equal(posted, mailbox.Drain());
        Assert.Empty(mailbox.Drain());
    }

    [Fact]
    public void The_first_message_wakes_a_loop_and_draining_lets_it_sleep()
    {
        using var mailbox = new Mailbox();
        using var epoll = new EpollSet();
        var events = new EpollEvent[1];
        epoll.Add(mailbox.WakeUpFd, EpollBits.EPOLLIN, 7);
        Assert.Equal(0, epoll.Wait(events, 0).Value);
        mailbox.Post(new LoopMessage.ResumeAccepting());
        mailbox.Post(new LoopMessage.ResumeAccepting());
        Assert.Equal(1, epoll.Wait(events, 0).Value);
        mailbox.Drain();
        Assert.Equal(0, epoll.Wait(events, 0).Value);
        mailbox.Post(new LoopMessage.ResumeAccepting());
        Assert.Equal(1, epoll.Wait(events, 0).Value);
    }

    [Fact]
    public void A_closed_mailbox_takes_nothing()
    {
        var mailbox = new Mailbox();
        mailbox.Dispose();
        Assert.False(mailbox.Post(new LoopMessage.StopNow()));
        mailbox.Dispose();
    }

    [Fact]
    public async Task Messages_of_many_threads_all_arrive()
    {
        using var mailbox = new Mailbox();
        int arrived = 0;
        Task posting = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                mailbox.Post(new LoopMessage.ResumeAccepting());
            }
        })));
        while (!posting.IsCompleted)
        {
            arrived += mailbox.Drain().Count;
        }
        await posting;
        Assert.Equal(4000, arrived + mailbox.Drain().Count);
    }
}
