namespace ExchangeLb.Admin.Http;

/// <summary>The head of one request, as far as the stats page needs it.</summary>
/// <param name="Target">As sent: origin form, absolute form or `*`.</param>
internal sealed record HttpRequest(string Method, string Target, string Version)
{
    /// <summary>The value of `Authorization`, or null.</summary>
    public string? Authorization { get; init; }

    /// <summary>The client wants the connection kept: HTTP/1.1 unless it says close, HTTP/1.0 only when it says keep-alive.</summary>
    public bool KeepAlive { get; init; }

    /// <summary>A body follows. It is never read: the connection ends after the answer.</summary>
    public bool HasBody { get; init; }

    /// <summary>For the log.</summary>
    public string Line => $"{Method} {Target} {Version}";
}
