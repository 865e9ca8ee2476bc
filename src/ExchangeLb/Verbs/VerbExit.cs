namespace ExchangeLb.Verbs;

/// <summary>Exit codes of the verbs, in the order that monitoring knows: OK, WARNING, CRITICAL, UNKNOWN.</summary>
internal static class VerbExit
{
    /// <summary>`status`: a failover would work. Other verbs: done.</summary>
    public const int Good = 0;

    /// <summary>`status`: a failover would work, but there are warnings. Other verbs: refused.</summary>
    public const int WarningOrRefused = 1;

    /// <summary>`status`: a VIP has no owner, or a failover would not work.</summary>
    public const int Critical = 2;

    /// <summary>The node can't be asked.</summary>
    public const int NotReachable = 3;

    /// <summary>The command line is wrong (sysexits.h: EX_USAGE), which monitoring must not take for a state.</summary>
    public const int Usage = 64;
}
