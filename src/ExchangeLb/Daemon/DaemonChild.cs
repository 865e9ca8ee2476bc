using System;
using System.Globalization;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Daemon;

/// <summary>The process in the background, until it serves: see <see cref="DaemonParent"/>.</summary>
internal sealed class DaemonChild
{
    private const string Variable = "EXCHANGELB_READY_FD";
    private readonly int _writeEnd;

    private DaemonChild(int writeEnd) => _writeEnd = writeEnd;

    public static string VariableFor(int writeEnd) => string.Create(CultureInfo.InvariantCulture, $"{Variable}={writeEnd}");

    /// <summary>This process as such a child, or null when it was started by anything else. Asks once: the mark is not for our own children.</summary>
    public static DaemonChild? Detect()
    {
        string? value = Environment.GetEnvironmentVariable(Variable);
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int writeEnd) || writeEnd <= 2)
        {
            return null;
        }
        Environment.SetEnvironmentVariable(Variable, null);
        return new(writeEnd);
    }

    /// <summary>Lets the parent go, and with it the terminal. From here on nobody reads standard error.</summary>
    public void TellReady()
    {
        ReadinessPipe.TellReady(_writeEnd);
        StandardStreams.ToDevNull();
    }
}
