using System;
using System.IO;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>The certificate authority of the lab, and the certificate that both Exchange stand-ins show.</summary>
internal static class Authority
{
    internal static void WriteTo(string folder)
    {
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1);
        DateTimeOffset to = from.AddDays(30);
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authorityRequest = new("CN=ExchangeLb lab tests", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(from, to);

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={LabWorld.Site}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(LabWorld.Site);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(authority, from, to, [1, 2, 3, 4]);

        File.WriteAllText(Path.Combine(folder, "ca.crt"), authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "mail.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "mail.key"), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A client that believes this authority and no other.</summary>
    internal static SslClientAuthenticationOptions Verifying(string folder, string host)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(folder, "ca.crt"))));
        return new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy };
    }
}
