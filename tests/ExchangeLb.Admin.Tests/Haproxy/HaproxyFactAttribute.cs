using System;
using System.IO;
using Xunit;

namespace ExchangeLb.Admin.Tests.Haproxy;

/// <summary>Runs the distribution's haproxy beside us. Left out where it is not installed, but not with CI=true.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HaproxyFactAttribute : FactAttribute
{
    public HaproxyFactAttribute()
    {
        if (!File.Exists(RealHaproxy.Program) && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "haproxy is not installed";
        }
    }
}
