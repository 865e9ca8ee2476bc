using System;
using System.Text;

namespace ExchangeLb.Admin.Tests.Http;

/// <summary>Requests that are nearly right.</summary>
internal static class Requests
{
    private static readonly byte[] Good = Encoding.ASCII.GetBytes(
        "GET /;csv HTTP/1.1\r\nHost: lb\r\nConnection: keep-alive\r\nAuthorization: Basic bWU6cHc=\r\nContent-Length: 0\r\n\r\n");

    /// <summary>Noise alone for one in four, else a good request with the noise written over some place of it.</summary>
    public static byte[] Mutate(byte[] noise, byte place)
    {
        if (place % 4 == 0)
        {
            return noise;
        }
        byte[] bytes = [.. Good, .. Good];
        int at = place * Good.Length / 256;
        int count = Math.Min(noise.Length % 6, bytes.Length - at);
        noise.AsSpan(0, count).CopyTo(bytes.AsSpan(at));
        return bytes;
    }
}
