namespace ExchangeLb;

/// <summary>HAProxy's exit codes. An end by SIGTERM or SIGINT has none of them: the process dies by the signal itself.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;

    /// <summary>-c: no error, but nothing to listen on.</summary>
    public const int NoListener = 2;
}
