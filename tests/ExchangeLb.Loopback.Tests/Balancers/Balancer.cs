namespace ExchangeLb.Loopback.Tests.Balancers;

internal static class Balancer
{
    public static IBalancer Start(Which which, string sections, string global = "") => which switch
    {
        Which.Haproxy => HaproxySite.Start(sections, global),
        Which.ExchangeLbOnTwoLoops => Site.Start(sections, loops: 2, global),
        _ => Site.Start(sections, loops: 1, global),
    };
}
