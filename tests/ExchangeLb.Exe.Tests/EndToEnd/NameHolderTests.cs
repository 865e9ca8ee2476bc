using System;
using System.Diagnostics;
using ExchangeLb.Clustering;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>Another user's process takes the name by which a host is one node.</summary>
public sealed class NameHolderTests
{
    private const string Hold = "use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, pack('S x a*', AF_UNIX, $ARGV[0])) or die $!; listen(S, 1) if $ARGV[1]; $| = 1; print \"held\\n\"; <STDIN>";

    private readonly string _name = $"exchangelb-test-{Guid.NewGuid():N}";

    [RootFact]
    public void Another_users_process_does_not_keep_a_node_from_starting() => AssertNotBelieved(true, "setpriv", "--reuid", "65534", "--clear-groups");

    [RootFact]
    public void One_that_can_not_be_asked_is_found_all_the_same() => AssertNotBelieved(false, "setpriv", "--reuid", "65534", "--clear-groups");

    /// <summary>In a user namespace of its own it is root with all rights, none of which counts here.</summary>
    [RootFact]
    public void Nor_does_one_that_is_root_in_a_user_namespace_of_its_own() => AssertNotBelieved(true, "setpriv", "--reuid", "65534", "--clear-groups", "unshare", "--user", "--map-root-user");

    [RootFact]
    public void One_with_the_rights_of_a_node_does()
    {
        using Process holder = Holder(true, "setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps", "+net_admin", "--ambient-caps", "+net_admin");

        Assert.Null(NodeLock.Take(out string problem, _name));

        Assert.StartsWith($"a node runs on this host already, process {holder.Id} (", problem, StringComparison.Ordinal);
        End(holder);
    }

    private void AssertNotBelieved(bool listens, params string[] before)
    {
        using Process holder = Holder(listens, before);

        using NodeLock? node = NodeLock.Take(out string problem, _name);

        Assert.Equal("", problem);
        Assert.StartsWith($"process {holder.Id} (perl) of user 65534 has taken the name @{_name}", node!.Warning, StringComparison.Ordinal);
        End(holder);
    }

    private Process Holder(bool listens, params string[] before)
    {
        ProcessStartInfo start = new(before[0], [.. before[1..], "perl", "-e", Hold, _name, listens ? "1" : "0"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        Process holder = Process.Start(start)!;
        Assert.Equal("held", holder.StandardOutput.ReadLine());
        return holder;
    }

    private static void End(Process holder)
    {
        holder.StandardInput.Close();
        holder.WaitForExit();
    }
}
