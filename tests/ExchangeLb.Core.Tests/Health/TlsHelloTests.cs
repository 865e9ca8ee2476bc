using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Core.Tests.Health;

/// <summary>The hellos before a real TLS server: SslStream (OpenSSL), with what servers of several ages are restricted to.</summary>
[SupportedOSPlatform("linux")]
public sealed class TlsHelloTests
{
    /// <summary>Protocol and suite; the certificate has an RSA or an ECDSA key.</summary>
    public static TheoryData<SslProtocols, TlsCipherSuite, bool> Servers => new()
    {
        { SslProtocols.Tls13, TlsCipherSuite.TLS_AES_256_GCM_SHA384, true },
        { SslProtocols.Tls13, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, false },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, true },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, false },

        // All that Windows Server 2012 R2 offers with an RSA certificate, from its best to its worst.
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, true },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, true },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, true },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384, true },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA256, true },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA, true },
    };

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task The_modern_hello_is_answered_with_a_handshake(SslProtocols protocol, TlsCipherSuite suite, bool rsa)
    {
        byte[] hello = new byte[TlsClientHello.Length];
        int length = TlsClientHello.Write(hello, RandomNumberGenerator.GetBytes(32));

        byte[] reply = await AskAsync(hello, protocol, suite, rsa);
        TlsAnswer answer = default;
        bool judged = answer.Feed(reply);

        Assert.Equal(hello.Length, length);
        Assert.True(judged);
        Assert.Equal((CheckResult.TlsOk, ""), (answer.Result, answer.Info));

        // The ServerHello names the suite behind record (5) and handshake header (4), version (2), random (32), session id (1 + n).
        int at = 5 + 4 + 2 + 32 + 1 + reply[43];
        Assert.Equal((int)suite, (reply[at] << 8) | reply[at + 1]);
    }

    [Fact]
    public async Task The_legacy_hello_is_answered_by_todays_servers_with_an_alert()
    {
        byte[] hello = new byte[LegacyHello.Length];
        LegacyHello.Write(hello, 0x6B02E3E0);

        byte[] reply = await AskAsync(hello, SslProtocols.Tls12, TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA, rsa: true);
        TlsAnswer answer = default;
        answer.Feed(reply);

        Assert.Equal(CheckResult.TlsOk, answer.Result);
        Assert.StartsWith("TLS alert", answer.Info, StringComparison.Ordinal);
    }

    /// <summary>Captured from HAProxy 2.6.12 at the time that these bytes name.</summary>
    [Fact]
    public void The_legacy_hello_is_that_of_haproxy_byte_for_byte()
    {
        byte[] hello = new byte[LegacyHello.Length];

        int length = LegacyHello.Write(hello, 0x6B02E3E0);

        Assert.Equal(LegacyHello.Length, length);
        Assert.Equal(
            "16030000790100007503006B02E3E0484150524F585953534C43484B0A484150524F585953534C43484B0A00004E" +
            "000100020003000400050006000700080009000A000B000C000D000E000F001000110012001300140015001600170018" +
            "0019001A001B002F0030003100320033003400350036003700380039003A0100",
            Convert.ToHexString(hello));
    }

    [Fact]
    public void Lengths_inside_the_modern_hello_fit_each_other()
    {
        byte[] hello = new byte[TlsClientHello.Length];
        TlsClientHello.Write(hello, new byte[32]);

        Assert.Equal(hello.Length - 5, (hello[3] << 8) | hello[4]);
        Assert.Equal(hello.Length - 9, (hello[6] << 16) | (hello[7] << 8) | hello[8]);
        int at = 9 + 2 + 32;
        at += 1 + hello[at];
        at += 2 + ((hello[at] << 8) | hello[at + 1]);
        at += 1 + hello[at];
        Assert.Equal(hello.Length - at - 2, (hello[at] << 8) | hello[at + 1]);
        List<int> extensions = [];
        for (at += 2; at < hello.Length; at += 4 + ((hello[at + 2] << 8) | hello[at + 3]))
        {
            extensions.Add((hello[at] << 8) | hello[at + 1]);
        }
        Assert.Equal(hello.Length, at);
        Assert.Equal(extensions.Count, extensions.Distinct().Count());
    }

    private static async Task<byte[]> AskAsync(byte[] hello, SslProtocols protocol, TlsCipherSuite suite, bool rsa)
    {
        using X509Certificate2 certificate = rsa ? RsaCertificate() : EcdsaCertificate();
        using OneQuestion question = new(hello);
        using SslStream server = new(question);
        try
        {
            await server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                EnabledSslProtocols = protocol,
                CipherSuitesPolicy = new CipherSuitesPolicy([suite]),
            });
        }
        catch (Exception wanted) when (wanted is IOException or AuthenticationException)
        {
            // The client says nothing more.
        }
        return question.Answer;
    }

    private static X509Certificate2 RsaCertificate()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=check", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    private static X509Certificate2 EcdsaCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=check", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    /// <summary>A client that sends one message, closes, and keeps what it is answered.</summary>
    private sealed class OneQuestion(byte[] question) : Stream
    {
        private readonly MemoryStream _toRead = new(question);
        private readonly MemoryStream _written = new();

        public byte[] Answer => _written.ToArray();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => _toRead.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => _written.Write(buffer, offset, count);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
