using System;
using System.Collections.Generic;
using System.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Config.Lexing;

/// <summary>
/// Cuts a file into lines and reports what makes a file as such suspect: NUL characters, a missing last line end, foreign bytes.
/// </summary>
internal static class SourceLines
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Lines without their line feed, one at a time. A file that cannot be a configuration at all gives none.</summary>
    public static IEnumerable<string> Cut(string file, ReadOnlyMemory<byte> bytes, DiagnosticList diagnostics)
    {
        if (bytes.Length > ReaderLimits.FileBytes)
        {
            diagnostics.Alert(new(file, 0), $"the file is larger than {ReaderLimits.FileBytes >> 20} MiB; split it");
            yield break;
        }
        for (int number = 1; !bytes.IsEmpty; number++)
        {
            int end = bytes.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> line = end < 0 ? bytes : bytes[..end];
            SourcePlace place = new(file, number);
            int nul = line.Span.IndexOf((byte)0);
            if (nul >= 0)
            {
                // HAProxy gives up the rest of such a file too: it is damaged, or not text.
                diagnostics.Alert(place,
                    $"stray NUL character at position {nul + 1}; the rest of the file is not read, restore or re-save it as text");
                yield break;
            }
            yield return Decode(line.Span, place, diagnostics);
            if (end < 0)
            {
                diagnostics.Alert(place,
                    $"the last line does not end (position {line.Length + 1}), the file may be truncated; complete it and end it with a line feed");
            }
            bytes = end < 0 ? default : bytes[(end + 1)..];
        }
    }

    private static string Decode(ReadOnlySpan<byte> line, SourcePlace place, DiagnosticList diagnostics)
    {
        try
        {
            return Strict.GetString(line);
        }
        catch (DecoderFallbackException)
        {
            diagnostics.Notice(place, "the line is not UTF-8; it is read as Latin-1");
            return Encoding.Latin1.GetString(line);
        }
    }
}
