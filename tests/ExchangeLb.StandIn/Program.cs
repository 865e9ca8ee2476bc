using System;

namespace ExchangeLb.StandIn;

/// <summary>
/// A balancer and its guard, without a cluster: real processes that a test can kill. `guard STATE`, whose fence is the table `inet fence` of its network
/// namespace; `balancer STATE CONFIGURATION VIP RECORDS`, which tells its records to the unix datagram socket RECORDS.
/// </summary>
internal static class Program
{
    private static int Main(string[] words)
    {
        switch (words)
        {
            case ["guard", var state]:
                return StandInGuard.Run(state);
            case ["balancer", var state, var configuration, var vip, var records]:
                return StandInBalancer.Run(state, configuration, vip, records);
            default:
                Console.Error.WriteLine("guard STATE | balancer STATE CONFIGURATION VIP RECORDS");
                return 2;
        }
    }
}
