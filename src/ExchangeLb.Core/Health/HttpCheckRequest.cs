using System;
using System.Text;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Health;

/// <summary>
/// The request of `option httpchk`, as HAProxy 2.6 sends it: header names in lower case, `connection: close` for HTTP/1.1, and the
/// length of a body. Made once per backend.
/// </summary>
/// <remarks>
/// The old form of the keyword carries headers, and a body behind an empty line, in the version argument. Its own `connection`
/// header is left out, and then none is added.
/// </remarks>
public static class HttpCheckRequest
{
    /// <summary>The whole request in ISO 8859-1, so that any byte of the configuration is sent as it was written.</summary>
    public static byte[] Create(HttpCheckModel model)
    {
        // 1. Take the version, the hidden headers and the hidden body apart.
        (string head, string body) = SplitBody(model.Version);
        string[] lines = head.Split("\r\n");
        string version = lines[0];

        // 2. Request line and headers.
        StringBuilder request = new();
        request.Append(model.Method).Append(' ').Append(model.Uri).Append(' ').Append(version).Append("\r\n");
        bool namesConnection = AppendHeaders(request, lines.AsSpan(1));

        // 3. What HTTP needs besides.
        if (body.Length > 0)
        {
            request.Append("content-length: ").Append(body.Length).Append("\r\n");
        }
        if (version == "HTTP/1.1" && !namesConnection)
        {
            request.Append("connection: close\r\n");
        }
        request.Append("\r\n").Append(body);
        return Encoding.Latin1.GetBytes(request.ToString());
    }

    private static (string Head, string Body) SplitBody(string version)
    {
        int end = version.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end < 0 ? (version, "") : (version[..end], version[(end + 4)..]);
    }

    /// <summary>Says whether a `connection` header was among them, which is left out.</summary>
    private static bool AppendHeaders(StringBuilder request, ReadOnlySpan<string> lines)
    {
        bool namesConnection = false;
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                continue;
            }
            string name = line[..colon].ToLowerInvariant();
            if (name == "connection")
            {
                namesConnection = true;
                continue;
            }
            request.Append(name).Append(": ").Append(line[(colon + 1)..].Trim()).Append("\r\n");
        }
        return namesConnection;
    }
}
