using System;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Runtime;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Core.Tests.Health;

public sealed class TlsAnswerTests
{
    [Theory]
    [InlineData("16030300020000", CheckResult.TlsOk, "")]
    [InlineData("15030300020228", CheckResult.TlsOk, "TLS alert 40 (handshake_failure)")]
    [InlineData("15030100020246", CheckResult.TlsOk, "TLS alert 70 (protocol_version)")]
    [InlineData("150301000202C8", CheckResult.TlsOk, "TLS alert 200")]
    [InlineData("1503010002", CheckResult.TlsOk, "TLS alert")]
    [InlineData("485454502F312E31", CheckResult.TlsBadResponse, "the answer is not TLS")]
    [InlineData("8080010301", CheckResult.TlsBadResponse, "the answer is not TLS")]
    [InlineData("0000000000", CheckResult.TlsBadResponse, "the answer is not TLS")]
    public void The_first_of_five_bytes_decides(string hex, CheckResult result, string info)
    {
        TlsAnswer answer = default;

        Assert.True(answer.Feed(Convert.FromHexString(hex)));
        Assert.Equal((result, info), (answer.Result, answer.Info));
        Assert.Equal(Convert.FromHexString(hex)[0], answer.Code);
    }

    /// <summary>HAProxy 2.6.12: two bytes and then the end of the connection were enough.</summary>
    [Theory]
    [InlineData("1603", CheckResult.TlsOk)]
    [InlineData("48", CheckResult.TlsBadResponse)]
    [InlineData("", CheckResult.TlsBadResponse)]
    public void When_the_server_closes_early_it_is_judged_by_what_came(string hex, CheckResult result)
    {
        TlsAnswer answer = default;

        Assert.False(answer.Feed(Convert.FromHexString(hex)));
        answer.End();

        Assert.Equal(result, answer.Result);
    }

    [Property]
    public bool Pieces_are_judged_like_the_whole(byte[] bytes)
    {
        TlsAnswer whole = default;
        TlsAnswer pieces = default;
        bool wholeDone = whole.Feed(bytes);
        bool piecesDone = false;
        for (int i = 0; i < bytes.Length && !piecesDone; i++)
        {
            piecesDone = pieces.Feed(bytes.AsSpan(i, 1));
        }
        return wholeDone == piecesDone && whole.Result == pieces.Result && wholeDone == bytes.Length >= 5;
    }
}
