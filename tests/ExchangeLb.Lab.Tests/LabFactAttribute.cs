using System;
using Xunit;

namespace ExchangeLb.Lab.Tests;

/// <summary>A test that makes network namespaces: skipped without root, unless CI=true, where it fails in place of being skipped.</summary>
public sealed class LabFactAttribute : FactAttribute
{
    public LabFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "needs root, for network namespaces: sudo tests/run.sh Lab";
        }
    }
}
