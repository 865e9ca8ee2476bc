using System;
using System.Net.Sockets;
using ExchangeLb.Clustering;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class NodeLockTests
{
    private readonly string _name = $"exchangelb-test-{Guid.NewGuid():N}";

    [Fact]
    public void A_host_is_one_node_and_a_second_one_is_told_which_process_is_in_its_way()
    {
        using NodeLock? first = NodeLock.Take(out string none, _name);

        NodeLock? second = NodeLock.Take(out string problem, _name);

        Assert.NotNull(first);
        Assert.Equal("", none);
        Assert.Null(second);
        Assert.StartsWith($"a node runs on this host already, process {Environment.ProcessId} (", problem, StringComparison.Ordinal);
        Assert.Contains("): a host is one node; stop that one first", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_of_many_that_are_refused_is_told()
    {
        using NodeLock? first = NodeLock.Take(out _, _name);

        for (int i = 0; i < 10; i++)
        {
            Assert.Null(NodeLock.Take(out string problem, _name)); // nobody takes the questions out of the queue
            Assert.StartsWith("a node runs on this host already", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_can_be_no_node_is_named_and_does_not_keep_one_from_starting()
    {
        using NodeLock? squatted = NodeLock.Take(out _, _name);
        NameHolder stranger = new(4711, Privileges.UserId + 1, MayServe: false, "sleep");

        using NodeLock? node = NodeLock.Take(out string problem, _name, _ => stranger);

        Assert.Equal("", problem);
        Assert.StartsWith($"process 4711 (sleep) of user {stranger.User} has taken the name ", node!.Warning, StringComparison.Ordinal);
        Assert.Contains("end that process, then restart this node", node.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Root_this_user_and_who_has_the_rights_of_a_node_are_believed_and_so_is_who_is_not_known()
    {
        using NodeLock? first = NodeLock.Take(out _, _name);
        NameHolder stranger = new(4711, Privileges.UserId + 1, MayServe: false, "sleep");

        foreach (NameHolder? holder in new[] { stranger with { User = 0 }, stranger with { User = Privileges.UserId }, stranger with { MayServe = true }, null })
        {
            Assert.Null(NodeLock.Take(out string problem, _name, _ => holder));
            Assert.StartsWith("a node runs on this host already", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_holder_whose_queue_is_full_is_found_all_the_same()
    {
        using NodeLock? first = NodeLock.Take(out _, _name);

        for (int i = 0; i < 10; i++)
        {
            NameHolder? holder = NameHolder.Of(_name);

            Assert.Equal((Environment.ProcessId, Privileges.UserId), (holder!.Process, holder.User));
        }
    }

    /// <summary>Another user's files are hidden: who listens may be a node, who does not is none.</summary>
    [Fact]
    public void A_name_that_is_held_by_one_who_does_not_listen_keeps_no_node_from_starting()
    {
        using Socket squatter = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        squatter.Bind(new UnixDomainSocketEndPoint("\0" + _name));

        using NodeLock? node = NodeLock.Take(out string problem, _name, name => NameHolder.Of(name, _ => null));

        Assert.Equal("", problem);
        Assert.StartsWith("a process that does not listen of another user has taken the name ", node!.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_listens_and_can_not_be_looked_up_may_be_a_node_and_so_may_who_is_just_ending()
    {
        using NodeLock? first = NodeLock.Take(out _, _name);
        for (int i = 0; i < 3; i++) { NameHolder.Of(_name); } // fills its queue

        Assert.Null(NameHolder.Of(_name, _ => null));
        Assert.Null(NameHolder.Of(_name + "-nobody", _ => null));
    }

    [Theory]
    [InlineData("exchangelb\n", "exchangelb")]
    [InlineData("a\nb\u001b[2J\u009b\n", "a?b?[2J?")]
    public void What_a_process_calls_itself_is_printed_as_one_plain_word(string comm, string printed) => Assert.Equal(printed, NameHolder.Printable(comm));

    [Fact]
    public void When_the_first_has_gone_the_next_may_come()
    {
        NodeLock.Take(out _, _name)!.Dispose();

        using NodeLock? next = NodeLock.Take(out _, _name);

        Assert.NotNull(next);
    }
}
