using System.Globalization;
using System.Text;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Messages;

/// <summary>
/// HAProxy 2.6's form of a message: `[ALERT]    (pid) : text`, further lines indented behind a bar, so that scripts and eyes that know one
/// know the other.
/// </summary>
internal static class MessageShape
{
    public static string Format(Severity severity, int pid, string text)
    {
        string label = severity switch
        {
            Severity.Alert => "[ALERT]",
            Severity.Warning => "[WARNING]",
            _ => "[NOTICE]",
        };
        StringBuilder line = new();
        line.Append(label.PadRight(10)).Append(CultureInfo.InvariantCulture, $" ({pid}) : ");
        return line.Append(text.TrimEnd('\n').Replace("\n", "\n   | ", System.StringComparison.Ordinal)).Append('\n').ToString();
    }

    /// <summary>A message about a configuration: with the place, if it has one.</summary>
    public static string FormatConfiguration(Diagnostic diagnostic) => diagnostic.Place switch
    {
        { Line: > 0 } place => $"config : parsing [{place.File}:{place.Line}] : {diagnostic.Message}",
        { } place => $"config : [{place.File}] : {diagnostic.Message}",
        null => $"config : {diagnostic.Message}",
    };

    /// <summary>A message about starting or running: the place is only a hint.</summary>
    public static string FormatStart(Diagnostic diagnostic) => diagnostic.Place is { } place ? $"[{place}] : {diagnostic.Message}" : diagnostic.Message;
}
