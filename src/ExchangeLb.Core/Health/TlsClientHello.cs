using System;
using System.Buffers.Binary;

namespace ExchangeLb.Core.Health;

/// <summary>
/// The ClientHello of `option ssl-hello-chk`: TLS 1.2 and 1.3 (RFC 5246, RFC 8446), with the cipher suites that OpenSSL, GnuTLS and
/// Schannel from Windows Server 2012 R2 to 2025 accept. HAProxy's SSLv3 hello is refused by servers that have only these
/// (see <see cref="LegacyHello"/>). No server name is sent, so that a front end of many names answers with its default.
/// </summary>
public static class TlsClientHello
{
    /// <summary>Bytes of the whole record.</summary>
    public static int Length => RecordHeader + HandshakeHeader + BodyLength;

    private const int RecordHeader = 5;
    private const int HandshakeHeader = 4;
    private const int RandomLength = 32;

    /// <summary>Preferred first. TLS 1.3; ECDHE; plain RSA; renegotiation indication (RFC 5746, 3.3).</summary>
    private static ReadOnlySpan<ushort> CipherSuites =>
    [
        0x1301, 0x1302, 0x1303,                         // AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305
        0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, // ECDHE with ECDSA and RSA: GCM, CHACHA20
        0xC023, 0xC027, 0xC024, 0xC028,                 // ECDHE, CBC with SHA-256 and SHA-384
        0xC009, 0xC013, 0xC00A, 0xC014,                 // ECDHE, CBC with SHA-1
        0x009E, 0x009F,                                 // DHE_RSA, GCM: all that 2012 R2 has in GCM with an RSA certificate
        0x009C, 0x009D, 0x003C, 0x003D, 0x002F, 0x0035, // RSA: GCM, CBC
        0x00FF,                                         // EMPTY_RENEGOTIATION_INFO_SCSV
    ];

    /// <summary>Extensions before the key share; type, length, content.</summary>
    private static ReadOnlySpan<byte> Extensions =>
    [
        0x00, 0x17, 0x00, 0x00,                                     // extended_master_secret (RFC 7627)
        0x00, 0x0B, 0x00, 0x02, 0x01, 0x00,                         // ec_point_formats: uncompressed (RFC 8422, 5.1.2)
        0x00, 0x0A, 0x00, 0x08, 0x00, 0x06,                         // supported_groups:
        0x00, 0x1D, 0x00, 0x17, 0x00, 0x18,                         //   x25519, secp256r1, secp384r1
        0x00, 0x0D, 0x00, 0x18, 0x00, 0x16,                         // signature_algorithms:
        0x04, 0x03, 0x08, 0x04, 0x04, 0x01, 0x05, 0x03, 0x08, 0x05, //   ecdsa p256, pss sha256, rsa sha256, ecdsa p384, pss sha384
        0x05, 0x01, 0x06, 0x03, 0x08, 0x06, 0x06, 0x01, 0x02, 0x01, //   rsa sha384, ecdsa p521, pss sha512, rsa sha512, rsa sha1
        0x02, 0x03,                                                 //   ecdsa sha1
        0x00, 0x2B, 0x00, 0x05, 0x04, 0x03, 0x04, 0x03, 0x03,       // supported_versions: 1.3, 1.2
        0x00, 0x2D, 0x00, 0x02, 0x01, 0x01,                         // psk_key_exchange_modes: psk_dhe_ke
        0x00, 0x33, 0x00, 0x26, 0x00, 0x24, 0x00, 0x1D, 0x00, 0x20, // key_share: x25519, 32 bytes follow
    ];

    private static int BodyLength =>
        2 + RandomLength + 1 + RandomLength + 2 + (2 * CipherSuites.Length) + 2 + 2 + Extensions.Length + RandomLength;

    /// <summary>Writes the record; returns <see cref="Length"/>, which <paramref name="destination"/> must hold.</summary>
    /// <param name="random">32 random bytes, fresh for each check: the hello's random, and (any 32 bytes are a public key) the x25519 share.</param>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> random)
    {
        random = random[..RandomLength];

        // 1. Record: handshake, version 1.0 as RFC 8446, 5.1 advises. Handshake: client_hello with a 24-bit length.
        int at = 0;
        destination[at++] = 0x16;
        at = Write16(destination, at, 0x0301);
        at = Write16(destination, at, HandshakeHeader + BodyLength);
        destination[at++] = 0x01;
        destination[at++] = 0x00;
        at = Write16(destination, at, BodyLength);

        // 2. Version 1.2, random, and a session id as of a resumption, which TLS 1.3 wants for middleboxes (RFC 8446, D.4).
        at = Write16(destination, at, 0x0303);
        at = WriteBytes(destination, at, random);
        destination[at++] = RandomLength;
        at = WriteBytes(destination, at, random);

        // 3. Cipher suites; compression: none.
        at = Write16(destination, at, 2 * CipherSuites.Length);
        foreach (ushort suite in CipherSuites)
        {
            at = Write16(destination, at, suite);
        }
        at = Write16(destination, at, 0x0100);

        // 4. Extensions, the last of them waiting for its key.
        at = Write16(destination, at, Extensions.Length + RandomLength);
        at = WriteBytes(destination, at, Extensions);
        return WriteBytes(destination, at, random);
    }

    private static int Write16(Span<byte> destination, int at, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)value);
        return at + 2;
    }

    private static int WriteBytes(Span<byte> destination, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }
}
