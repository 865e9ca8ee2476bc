using System;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>A test that only root can make. Skipped for others, except on the build server (CI=true).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Privileges.IsRoot && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "only root can change users";
        }
    }
}
