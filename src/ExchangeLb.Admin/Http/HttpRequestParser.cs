using System;
using System.Buffers;
using System.Globalization;
using System.Text;

namespace ExchangeLb.Admin.Http;

/// <summary>Reads the complete head of a request (RFC 9112). Pure; answers null and a status where the bytes are not one.</summary>
internal static class HttpRequestParser
{
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <param name="head">From the request line to the empty line, both included.</param>
    /// <param name="status">The status to refuse with when the result is null: 400, 431 or 505.</param>
    public static HttpRequest? Parse(ReadOnlySpan<byte> head, out int status)
    {
        HttpRequest? request = ReadRequestLine(NextLine(ref head), out status);
        return request is null ? null : ReadFields(request, head, out status);
    }

    /// <summary>Method, target and version, separated by spaces. Null: refused with <paramref name="status"/>, 400 or 505.</summary>
    private static HttpRequest? ReadRequestLine(ReadOnlySpan<byte> line, out int status)
    {
        status = 400;
        int first = line.IndexOf((byte)' ');
        int last = line.LastIndexOf((byte)' ');
        if (first <= 0 || last <= first)
        {
            return null;
        }
        ReadOnlySpan<byte> method = line[..first];
        ReadOnlySpan<byte> target = line[first..last].Trim((byte)' ');
        ReadOnlySpan<byte> version = line[(last + 1)..];
        if (method.ContainsAnyExcept(TokenBytes) || target.IsEmpty || target.Contains((byte)' ') || !IsVersion(version))
        {
            return null;
        }
        if (version[5] != '1' && version[5] != '0')
        {
            status = 505;
            return null;
        }
        status = 200;
        return new HttpRequest(Encoding.Latin1.GetString(method), Encoding.Latin1.GetString(target), Encoding.Latin1.GetString(version))
        {
            KeepAlive = version[5] == '1' && version[7] >= '1',
        };
    }

    /// <summary>The headers, of which few matter. Null: refused with <paramref name="status"/>, 400 or 431.</summary>
    private static HttpRequest? ReadFields(HttpRequest request, ReadOnlySpan<byte> rest, out int status)
    {
        var fields = new Fields(request.KeepAlive);
        int count = 0;
        for (ReadOnlySpan<byte> line = NextLine(ref rest); !line.IsEmpty; line = NextLine(ref rest))
        {
            bool tooMany = ++count > HttpLimits.Headers;
            if (tooMany || !fields.Take(line))
            {
                status = tooMany ? 431 : 400;
                return null;
            }
        }
        status = 200;
        return request with { Authorization = fields.Authorization, KeepAlive = fields.Persistent, HasBody = fields.HasBody };
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }

    private static bool IsVersion(ReadOnlySpan<byte> version) =>
        version.Length == 8 && version.StartsWith("HTTP/"u8) && version[6] == '.'
        && char.IsAsciiDigit((char)version[5]) && char.IsAsciiDigit((char)version[7]);

    /// <summary>The headers that change what is done.</summary>
    private struct Fields(bool persistent)
    {
        private bool _hasHost;

        public string? Authorization { get; private set; }
        public bool Persistent { get; private set; } = persistent;
        public bool HasBody { get; private set; }

        /// <summary>False: the line is no header, or one that makes the request ambiguous (RFC 9112, 3.2, 5.2 and 6.3).</summary>
        public bool Take(ReadOnlySpan<byte> line)
        {
            int colon = line.IndexOf((byte)':');
            if (colon <= 0 || line[..colon].ContainsAnyExcept(TokenBytes))
            {
                return false;
            }
            ReadOnlySpan<byte> value = line[(colon + 1)..].Trim(" \t"u8);
            if (value.ContainsAny((byte)'\0', (byte)'\r'))
            {
                return false;
            }
            string name = Encoding.Latin1.GetString(line[..colon]).ToUpperInvariant();
            switch (name)
            {
                case "HOST":
                    bool second = _hasHost;
                    _hasHost = true;
                    return !second;
                case "AUTHORIZATION":
                    Authorization ??= Encoding.Latin1.GetString(value);
                    return true;
                case "CONNECTION":
                    TakeConnection(Encoding.Latin1.GetString(value));
                    return true;
                case "TRANSFER-ENCODING":
                    HasBody = true;
                    return true;
                case "CONTENT-LENGTH":
                    bool isNumber = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong length);
                    HasBody |= length > 0;
                    return isNumber;
                default:
                    return true;
            }
        }

        private void TakeConnection(string value)
        {
            foreach (Range part in value.AsSpan().Split(','))
            {
                ReadOnlySpan<char> option = value.AsSpan(part).Trim();
                if (option.Equals("close", StringComparison.OrdinalIgnoreCase))
                {
                    Persistent = false;
                }
                else if (option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase))
                {
                    Persistent = true;
                }
            }
        }
    }
}
