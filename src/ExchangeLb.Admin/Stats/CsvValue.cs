using System;
using System.Buffers;
using ExchangeLb.Admin.Text;

namespace ExchangeLb.Admin.Stats;

/// <summary>One field of the CSV: empty, a number, or text.</summary>
internal readonly struct CsvValue
{
    private static readonly SearchValues<char> Ambiguous = SearchValues.Create(",\"\r\n");

    private readonly string? _text;
    private readonly long _number;
    private readonly bool _isNumber;

    private CsvValue(long number) => (_number, _isNumber) = (number, true);

    private CsvValue(string text) => _text = text;

    /// <summary>No value for this kind of row.</summary>
    public static CsvValue Empty => default;

    public static implicit operator CsvValue(long number) => new(number);

    public static implicit operator CsvValue(string text) => new(text);

    /// <summary>Whole seconds, as everywhere in the CSV.</summary>
    public static implicit operator CsvValue(TimeSpan time) => new((long)time.TotalSeconds);

    /// <summary>Text is put in quotes only where it would be ambiguous without (management.txt, 9.1; RFC 4180, 2).</summary>
    public void WriteTo(Utf8Writer writer)
    {
        if (_isNumber)
        {
            writer.Number(_number);
        }
        else if (_text is not null && _text.AsSpan().ContainsAny(Ambiguous))
        {
            // A line break would end the row for readers that go line by line: it becomes a space.
            string oneLine = _text.Replace('\r', ' ').Replace('\n', ' ');
            writer.Raw("\""u8).Text(oneLine.Replace("\"", "\"\"", StringComparison.Ordinal)).Raw("\""u8);
        }
        else
        {
            writer.Text(_text);
        }
    }
}
