using System.Globalization;
using System.Text;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Core.Health;

/// <summary>One finished check.</summary>
/// <param name="Code">HTTP status; 0 when there is none.</param>
/// <param name="Info">What was seen, for people; "" when the result says it all.</param>
/// <param name="DurationMs">From the begin of the connection attempt to the verdict.</param>
public readonly record struct CheckReport(CheckResult Result, int Code, string Info, int DurationMs)
{
    public bool Passed => CheckResultText.Passed(Result);

    /// <summary>The part of a log line that says why: `reason: …, code: …, info: "…", check duration: …ms`.</summary>
    public string Reason()
    {
        string code = CheckResultText.HasHttpStatus(Result) ? $", code: {Code.ToString(CultureInfo.InvariantCulture)}" : "";
        string info = Info.Length > 0 ? $", info: \"{Quoted(Info)}\"" : "";
        string duration = DurationMs.ToString(CultureInfo.InvariantCulture);
        return $"reason: {CheckResultText.Description(Result)}{code}{info}, check duration: {duration}ms";
    }

    /// <summary>What a server said must not end the quotes: bytes that could are written as HAProxy writes them, `&lt;22&gt;`.</summary>
    private static string Quoted(string info)
    {
        var quoted = new StringBuilder(info.Length);
        foreach (char letter in info)
        {
            if (letter is < ' ' or > '~' or '"' or '<' or '>')
            {
                quoted.Append(CultureInfo.InvariantCulture, $"<{(int)letter:X2}>");
            }
            else
            {
                quoted.Append(letter);
            }
        }
        return quoted.ToString();
    }
}
