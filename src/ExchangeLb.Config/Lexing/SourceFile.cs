using System;
using System.IO;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Config.Lexing;

/// <summary>The bytes of a configuration file.</summary>
internal static class SourceFile
{
    /// <returns>Null after an alert. More than <see cref="ReaderLimits.FileBytes"/> are cut off a little later: the caller says so.</returns>
    public static byte[]? Read(string file, DiagnosticList diagnostics)
    {
        try
        {
            // A pipe has no length that could be checked first: stop once the limit is passed.
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read);
            using MemoryStream bytes = new();
            byte[] buffer = new byte[65_536];
            for (int read; bytes.Length <= ReaderLimits.FileBytes && (read = stream.Read(buffer)) > 0;)
            {
                bytes.Write(buffer, 0, read);
            }
            return bytes.ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            diagnostics.Alert(new(file, 0), $"the file can't be read ({exception.Message}); check path and permissions");
            return null;
        }
    }
}
