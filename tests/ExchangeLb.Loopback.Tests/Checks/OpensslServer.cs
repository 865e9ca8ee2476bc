using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ExchangeLb.Loopback.Tests.Fakes;

namespace ExchangeLb.Loopback.Tests.Checks;

/// <summary>`openssl s_server` with a certificate of its own.</summary>
internal sealed class OpensslServer : IDisposable
{
    private readonly Process _process;
    private readonly string _pem = Path.GetTempFileName();

    /// <param name="version">`-tls1_2` or `-tls1_3`: the only version that it speaks.</param>
    public OpensslServer(string version)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=exchange1", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_pem, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        EndPoint = Addresses.FreshEndPoint();
        _process = Process.Start(new ProcessStartInfo("openssl", ["s_server", "-quiet", version, "-cert", _pem, "-accept", $"{EndPoint}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
    }

    public IPEndPoint EndPoint { get; }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_pem);
    }
}
