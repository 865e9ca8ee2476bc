using System;
using System.Linq;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Core.Tests.Health;

public sealed class CheckResultTextTests
{
    /// <summary>From HAProxy 2.6.12's CSV, fields check_status and check_desc.</summary>
    [Theory]
    [InlineData(CheckResult.Initial, "INI", "Initializing")]
    [InlineData(CheckResult.SocketError, "SOCKERR", "Socket error")]
    [InlineData(CheckResult.ConnectOk, "L4OK", "Layer4 check passed")]
    [InlineData(CheckResult.ConnectTimeout, "L4TOUT", "Layer4 timeout")]
    [InlineData(CheckResult.ConnectError, "L4CON", "Layer4 connection problem")]
    [InlineData(CheckResult.TlsOk, "L6OK", "Layer6 check passed")]
    [InlineData(CheckResult.TlsTimeout, "L6TOUT", "Layer6 timeout")]
    [InlineData(CheckResult.TlsBadResponse, "L6RSP", "Layer6 invalid response")]
    [InlineData(CheckResult.HttpOk, "L7OK", "Layer7 check passed")]
    [InlineData(CheckResult.HttpTimeout, "L7TOUT", "Layer7 timeout")]
    [InlineData(CheckResult.HttpBadResponse, "L7RSP", "Layer7 invalid response")]
    [InlineData(CheckResult.HttpBadStatus, "L7STS", "Layer7 wrong status")]
    public void Results_have_the_codes_and_words_of_haproxy(CheckResult result, string code, string description)
    {
        Assert.Equal(code, CheckResultText.Code(result));
        Assert.Equal(description, CheckResultText.Description(result));
        Assert.Equal(code.EndsWith("OK", StringComparison.Ordinal), CheckResultText.Passed(result));
    }

    [Fact]
    public void Every_result_has_a_code_of_its_own()
    {
        CheckResult[] all = Enum.GetValues<CheckResult>();

        Assert.Equal(all.Length, all.Select(CheckResultText.Code).Distinct().Count());
    }
}
