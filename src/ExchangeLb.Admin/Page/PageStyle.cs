using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace ExchangeLb.Admin.Page;

/// <summary>The style sheet, read from the program once it is first wanted, and the policy that allows it and nothing else.</summary>
internal static class PageStyle
{
    private static readonly Lazy<string> LazyCss = new(Read);

    private static readonly Lazy<string> LazyPolicy = new(() =>
    {
        string digest = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(LazyCss.Value)));
        return $"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    });

    public static string Css => LazyCss.Value;

    /// <summary>`Content-Security-Policy` of the page: no script, no other host, this one style sheet by its digest.</summary>
    public static string ContentPolicy => LazyPolicy.Value;

    private static string Read()
    {
        using Stream stream = typeof(PageStyle).Assembly.GetManifestResourceStream("ExchangeLb.Admin.Page.page.css")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
