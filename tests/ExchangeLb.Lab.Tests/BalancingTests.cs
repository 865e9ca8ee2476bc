using System.IO;
using System.Linq;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests;

/// <summary>The article's file before two TLS web servers, as a client sees it.</summary>
public sealed class BalancingTests(LabWorld world) : IClassFixture<LabWorld>
{
    [LabFact]
    public void Both_servers_answer_in_turn()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();

        string[] answers = [.. world.AskFromEach(first: 51, count: 8)];

        Assert.Equal(["exchange1", "exchange2", "exchange1", "exchange2", "exchange1", "exchange2", "exchange1", "exchange2"], answers);
    }

    [LabFact]
    public void A_client_stays_with_its_server()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();
        string[] first = [.. world.AskFromEach(first: 51, count: 4)];

        for (int round = 0; round < 4; round++)
        {
            Assert.Equal(first, world.AskFromEach(first: 51, count: 4));
        }

        Assert.Equal(2, first.Distinct().Count());
    }

    [LabFact]
    public void Every_virtual_directory_of_Exchange_is_reached()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();

        Assert.All(["owa", "ecp", "ews", "mapi", "rpc", "oab", "autodiscover", "Microsoft-Server-ActiveSync", "powershell"], directory =>
            Assert.StartsWith("200 OK", world.Curl(51, $"/{directory}/healthcheck.htm").Output));
    }

    [LabFact]
    public void The_servers_own_certificate_is_what_the_client_verifies()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();

        Assert.All(["-tls1_2", "-tls1_3"], version =>
        {
            string said = world.Client.Run("openssl", "s_client", "-connect", $"{LabWorld.Service}:443", "-servername", LabWorld.Site, version,
                "-CAfile", Path.Combine(world.Folder, "ca.crt"), "-verify_hostname", LabWorld.Site, "-verify_return_error");
            Assert.Contains("Verify return code: 0 (ok)", said);
        });
    }
}
