using System;
using System.Globalization;
using ExchangeLb.Admin.Text;

namespace ExchangeLb.Admin.Http;

/// <summary>One answer. The owner disposes <see cref="Body"/>.</summary>
internal sealed record HttpReply(int Status, string ContentType, Utf8Writer Body) : IDisposable
{
    /// <summary>`Refresh`, after which the browser asks again; null: never.</summary>
    public TimeSpan? Refresh { get; init; }

    /// <summary>`Content-Security-Policy`; everything is forbidden unless the page says what it needs.</summary>
    public string ContentPolicy { get; init; } = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>Further headers, each with its CR LF.</summary>
    public string ExtraHeaders { get; init; } = "";

    /// <summary>The request could not be read: the connection ends with this answer.</summary>
    public bool Bad { get; init; }

    /// <summary>An answer of a sentence, as text.</summary>
    public static HttpReply Sentence(int status, string sentence)
    {
        var body = new Utf8Writer();
        body.Number(status).Text(" ").Text(Reason(status)).Text("\n").Text(sentence).Text("\n");
        return new HttpReply(status, "text/plain; charset=utf-8", body);
    }

    public void WriteHead(Utf8Writer writer, bool keepAlive)
    {
        writer.Text("HTTP/1.1 ").Number(Status).Text(" ").Text(Reason(Status))
            .Text("\r\ncontent-length: ").Number(Body.Length)
            .Text("\r\ncontent-type: ").Text(ContentType)
            .Text("\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer")
            .Text("\r\ncontent-security-policy: ").Text(ContentPolicy);
        if (Refresh is { } refresh)
        {
            writer.Text("\r\nrefresh: ").Number(Math.Max(1, (long)refresh.TotalSeconds));
        }
        writer.Text("\r\nconnection: ").Text(keepAlive ? "keep-alive" : "close").Text("\r\n").Text(ExtraHeaders).Text("\r\n");
    }

    public void Dispose() => Body.Dispose();

    private static string Reason(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        414 => "URI Too Long",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => status.ToString(CultureInfo.InvariantCulture),
    };
}
