namespace ExchangeLb.Config.Lexing;

/// <summary>Everything that a configuration may make the reader hold has a limit here; each is reported with an alert when reached.</summary>
internal static class ReaderLimits
{
    /// <summary>Characters of one line, as written and again after variables are expanded. HAProxy has none; no honest line comes near.</summary>
    public const int LineLength = 65_536;

    /// <summary>Words of one line: HAProxy's MAX_LINE_ARGS.</summary>
    public const int WordsPerLine = 64;

    /// <summary>Bytes of one file.</summary>
    public const int FileBytes = 16 << 20;

    /// <summary>Depth of nested `.if` blocks: HAProxy's MAXNESTEDCONDS.</summary>
    public const int ConditionDepth = 16;

    /// <summary>Alerts of one file, after which the rest is left unread, as in HAProxy.</summary>
    public const int AlertsPerFile = 50;

    /// <summary>Listening addresses of the whole configuration, after port ranges are spread out.</summary>
    public const int Listeners = 65_536;

    /// <summary>Lines of one ACL pattern file.</summary>
    public const int PatternsPerFile = 1_000_000;
}
