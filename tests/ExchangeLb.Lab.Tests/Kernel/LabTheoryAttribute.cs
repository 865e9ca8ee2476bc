using System;
using Xunit;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>As <see cref="LabFactAttribute"/>, for each row of data.</summary>
public sealed class LabTheoryAttribute : TheoryAttribute
{
    public LabTheoryAttribute()
    {
        if (!Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "needs root, for network namespaces: sudo tests/run.sh Lab";
        }
    }
}
