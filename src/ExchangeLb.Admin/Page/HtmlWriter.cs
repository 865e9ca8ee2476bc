using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using ExchangeLb.Admin.Text;

namespace ExchangeLb.Admin.Page;

/// <summary>
/// Writes HTML in which only the page's own literals are markup: in <c>html.Add($"&lt;td&gt;{name}&lt;/td&gt;")</c> the name is
/// encoded, whatever it is. So text from the configuration or the network cannot become markup by being forgotten.
/// </summary>
internal sealed class HtmlWriter(Utf8Writer output)
{
    private static readonly SearchValues<char> Special = SearchValues.Create("&<>\"'\0");

    /// <summary>The handler has written everything by the time this is entered.</summary>
    public HtmlWriter Add([InterpolatedStringHandlerArgument("")] Markup markup) => this;

    private void Literal(string markup) => output.Text(markup);

    /// <summary>Encodes for element content and for attributes in double quotes.</summary>
    private void Encode(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny(Special) is var special and >= 0)
        {
            output.Text(text[..special]).Raw(text[special] switch
            {
                '&' => "&amp;"u8,
                '<' => "&lt;"u8,
                '>' => "&gt;"u8,
                '"' => "&quot;"u8,
                '\'' => "&#39;"u8,
                _ => "\uFFFD"u8,
            });
            text = text[(special + 1)..];
        }
        output.Text(text);
    }

    [InterpolatedStringHandler]
    internal readonly ref struct Markup
    {
        private readonly HtmlWriter _writer;

        public Markup(int literalLength, int formattedCount, HtmlWriter writer)
        {
            _ = literalLength + formattedCount;   // asked for by the pattern; the writer grows by itself
            _writer = writer;
        }

        public void AppendLiteral(string markup) => _writer.Literal(markup);

        public void AppendFormatted(string? text) => _writer.Encode(text);

        /// <summary>With thousands separated: 12,345.</summary>
        public void AppendFormatted(long number) => _writer.Literal(Words.Count(number));
    }
}
