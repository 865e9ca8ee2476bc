using System;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ExchangeLb.Cluster.Streams;

/// <summary>
/// Who a node is to the others on a stream: a key pair of this life of its process, in a certificate that it signs itself. The others hear its fingerprint by the
/// engine, which encrypts and authenticates with the cluster's key; that word, and nothing else, makes it good. No file has to be read, copied or renewed.
/// </summary>
public sealed class StreamCertificate : IDisposable
{
    private readonly X509Certificate2 _certificate;

    private StreamCertificate(X509Certificate2 certificate)
    {
        _certificate = certificate;
        Fingerprint = FingerprintOf(certificate);
    }

    /// <summary>SHA-256 of the certificate (DER), 64 capital hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <exception cref="CryptographicException">OpenSSL can't.</exception>
    public static StreamCertificate Create()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=exchangelb", key, HashAlgorithmName.SHA256);
        // No clock of the cluster's has to be right: the other side does not look at the time.
        return new StreamCertificate(request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue));
    }

    public void Dispose() => _certificate.Dispose();

    internal static string FingerprintOf(X509Certificate certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);

    /// <param name="known">Whether a fingerprint is that of a node.</param>
    internal SslServerAuthenticationOptions AsServer(Func<string, bool> known) => new()
    {
        ServerCertificateContext = Context(),
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        CertificateChainPolicy = NoChain(),
        RemoteCertificateValidationCallback = (_, other, _, _) => other is not null && known(FingerprintOf(other)),
    };

    /// <param name="fingerprint">Of the node that is to answer.</param>
    internal SslClientAuthenticationOptions AsClient(string fingerprint) => new()
    {
        TargetHost = "exchangelb",
        ClientCertificateContext = Context(),
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        CertificateChainPolicy = NoChain(),
        RemoteCertificateValidationCallback = (_, other, _, _) => other is not null && FingerprintOf(other) == fingerprint,
    };

    private SslStreamCertificateContext Context() => SslStreamCertificateContext.Create(_certificate, additionalCertificates: null, offline: true);

    /// <summary>Nothing is looked up, on this host or elsewhere: only the fingerprint counts.</summary>
    private static X509ChainPolicy NoChain() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };
}
