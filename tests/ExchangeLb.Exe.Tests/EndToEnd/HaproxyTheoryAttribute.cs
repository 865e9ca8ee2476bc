using System;
using System.IO;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>A test that asks the real HAProxy. Skipped where it is not installed, except on the build server (CI=true).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HaproxyTheoryAttribute : TheoryAttribute
{
    public HaproxyTheoryAttribute()
    {
        if (!File.Exists(ProgramRun.Haproxy) && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "haproxy is not installed";
        }
    }
}
