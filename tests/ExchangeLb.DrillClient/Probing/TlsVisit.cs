using System;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace ExchangeLb.DrillClient.Probing;

/// <summary>One TLS connection to the service, from a given address, on which healthcheck.htm can be asked for. One caller at a time.</summary>
internal sealed class TlsVisit : IDisposable
{
    /// <summary>The certificate itself is compared: to search the host's hundred roots each time took more than all else in a handshake.</summary>
    private static readonly X509ChainPolicy NoRoots = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };

    private readonly Options _options;
    private readonly Socket _socket;
    private readonly byte[] _request;
    private readonly byte[] _answer = new byte[1024];
    private SslStream? _stream;

    internal TlsVisit(Options options, IPAddress source, bool keepAlive)
    {
        _options = options;
        _request = Encoding.ASCII.GetBytes($"GET /owa/healthcheck.htm HTTP/1.1\r\nHost: {options.Site}\r\n{(keepAlive ? "" : "Connection: close\r\n")}\r\n");
        _socket = new Socket(source.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Bind(new IPEndPoint(source, 0));
    }

    internal ValueTask Connect(CancellationToken limit) => _socket.ConnectAsync(_options.Service, limit);

    /// <summary>The server must show the very certificate that was given: TLS reached the right end.</summary>
    internal Task Handshake(CancellationToken limit)
    {
        _stream = new SslStream(new NetworkStream(_socket), false, (_, certificate, _, _) => certificate is not null && certificate.GetRawCertData().AsSpan().SequenceEqual(_options.Certificate));
        return _stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = _options.Site, EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, CertificateChainPolicy = NoRoots }, limit);
    }

    /// <summary>The name of the server that answers.</summary>
    /// <exception cref="IOException">Closed before the answer was complete.</exception>
    internal async Task<string> Ask(CancellationToken limit)
    {
        await _stream!.WriteAsync(_request, limit);
        int length = 0;
        while (length < _answer.Length)
        {
            int read = await _stream.ReadAsync(_answer.AsMemory(length), limit);
            if (read == 0) { throw new IOException("closed before the answer"); }
            length += read;
            if (HealthAnswer.ServerOf(_answer.AsSpan(0, length)) is { } server) { return server; }
        }
        throw new IOException("the answer is no health page");
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _socket.Dispose();
    }
}
