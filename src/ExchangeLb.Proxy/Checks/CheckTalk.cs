using System;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Proxy.Checks;

/// <summary>What a check says to the server once connected, and what it makes of the answer. One object a check.</summary>
internal abstract class CheckTalk
{
    /// <summary>A connection that is made is a passed check: nothing is said.</summary>
    public virtual bool ConnectIsEnough => false;

    /// <summary>What is sent, at once after connecting.</summary>
    public virtual byte[] Request => [];

    /// <summary>The result of no answer in time.</summary>
    public abstract CheckResult Timeout { get; }

    /// <summary>Takes bytes of the answer; true when there is a verdict.</summary>
    public abstract bool Feed(ReadOnlySpan<byte> bytes);

    /// <summary>The server closed or reset: there is a verdict now.</summary>
    public abstract void End();

    public abstract (CheckResult Result, int Code, string Info) Verdict { get; }

    public static CheckTalk For(CheckModel model, long unixMs) => model switch
    {
        SslHelloCheckModel tls => new Tls(tls.Legacy, unixMs),
        HttpCheckModel http => new Http(http),
        _ => new Connect(),
    };

    private sealed class Connect : CheckTalk
    {
        public override bool ConnectIsEnough => true;

        public override CheckResult Timeout => CheckResult.ConnectTimeout;

        public override (CheckResult Result, int Code, string Info) Verdict => (CheckResult.ConnectOk, 0, "");

        public override bool Feed(ReadOnlySpan<byte> bytes) => true;

        public override void End()
        {
        }
    }

    private sealed class Tls(bool legacy, long unixMs) : CheckTalk
    {
        private TlsAnswer _answer;

        public override byte[] Request { get; } = legacy ? OldHello(unixMs) : Hello();

        public override CheckResult Timeout => CheckResult.TlsTimeout;

        public override (CheckResult Result, int Code, string Info) Verdict => (_answer.Result, 0, _answer.Info);

        public override bool Feed(ReadOnlySpan<byte> bytes) => _answer.Feed(bytes);

        public override void End() => _answer.End();

        private static byte[] Hello()
        {
            var hello = new byte[TlsClientHello.Length];
            Span<byte> random = stackalloc byte[32];
            KernelRandom.Fill(random);
            TlsClientHello.Write(hello, random);
            return hello;
        }

        private static byte[] OldHello(long unixMs)
        {
            var hello = new byte[LegacyHello.Length];
            LegacyHello.Write(hello, (uint)(unixMs / 1000));
            return hello;
        }
    }

    private sealed class Http(HttpCheckModel model) : CheckTalk
    {
        private HttpCheckAnswer _answer;

        public override byte[] Request { get; } = HttpCheckRequest.Create(model);

        public override CheckResult Timeout => CheckResult.HttpTimeout;

        public override (CheckResult Result, int Code, string Info) Verdict => (_answer.Result, _answer.Code, _answer.Info);

        public override bool Feed(ReadOnlySpan<byte> bytes) => _answer.Feed(bytes);

        public override void End() => _answer.End();
    }
}
