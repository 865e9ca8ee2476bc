namespace ExchangeLb.Config.Lexing;

/// <summary>
/// Everything that a configuration may make the reader hold has a limit here; each is reported with an alert when reached.
/// </summary>
internal static class ReaderLimits
{
    /// <summary>
    /// Characters of one line, as written and again after variables are expanded. HAProxy has none; no honest line comes near.
    /// </summary>
    public const int LineLength = 65_536;

    /// <summary>Words of one line: HAProxy's MAX_LINE_ARGS.</summary>
    public const int WordsPerLine = 64;

    /// <summary>
    /// Characters of the name of a section, server, ACL, listener or host, and of the log tag. HAProxy has none, but a name stands in every
    /// log line, of which a syslog daemon takes 1,024 bytes by default.
    /// </summary>
    public const int NameLength = 255;

    /// <summary>Bytes of one file.</summary>
    public const int FileBytes = 16 << 20;

    /// <summary>Depth of nested `.if` blocks: HAProxy's MAXNESTEDCONDS.</summary>
    public const int ConditionDepth = 16;

    /// <summary>
    /// Characters that variables put into lines, over the whole configuration: a short file can't blow itself up by them.
    /// </summary>
    public const int VariableCharacters = 16 << 20;

    /// <summary>Alerts of one file, and of the checks across sections, after which no more are looked for, as in HAProxy.</summary>
    public const int Alerts = 50;

    /// <summary>Messages of all kinds of one file.</summary>
    public const int Messages = 5_000;

    /// <summary>`log` lines of one section, inherited ones included.</summary>
    public const int LogTargets = 64;

    /// <summary>`stats auth` and `stats scope` lines of one section.</summary>
    public const int StatsLines = 256;

    /// <summary>`acl` lines of one name.</summary>
    public const int TestsPerAcl = 500;

    /// <summary>Listening addresses of the whole configuration, after port ranges are spread out.</summary>
    public const int Listeners = 65_536;

    /// <summary>Values of all ACLs that come from files (`-f`).</summary>
    public const int FilePatterns = 1_000_000;
}
