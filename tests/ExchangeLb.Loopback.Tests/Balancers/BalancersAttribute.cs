using System.Collections.Generic;
using System.Reflection;
using Xunit.Sdk;

namespace ExchangeLb.Loopback.Tests.Balancers;

/// <summary>Which balancer a test runs against.</summary>
public enum Which
{
    ExchangeLb,

    /// <summary>Two loops.</summary>
    ExchangeLbOnTwoLoops,

    /// <summary>The judge: what the test expects of us is what HAProxy does.</summary>
    Haproxy,
}

/// <summary>Runs a theory against ExchangeLb, with one loop and with two, and against HAProxy where that is installed.</summary>
public sealed class BalancersAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        yield return [Which.ExchangeLb];
        yield return [Which.ExchangeLbOnTwoLoops];
        if (HaproxySite.IsInstalled)
        {
            yield return [Which.Haproxy];
        }
    }
}
