using System;
using System.IO;
using Xunit;

namespace ExchangeLb.Admin.Tests.Page;

/// <summary>Needs the distribution's Chromium. Left out where it is not installed, but not with CI=true.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public const string Program = "/usr/bin/chromium";

    public ChromiumFactAttribute()
    {
        if (!File.Exists(Program) && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "chromium is not installed";
        }
    }
}
