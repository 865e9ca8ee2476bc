using System.ComponentModel;
using System.Diagnostics;

namespace ExchangeLb.Verbs.Setup;

/// <summary>The units of the package.</summary>
internal static class Units
{
    private static readonly string[] EnableNow = ["enable", "--now", "exchangelb.service"];

    /// <summary>Now, and whenever the host starts. What systemctl says is for the terminal.</summary>
    /// <returns>The exit code.</returns>
    public static int Start()
    {
        try
        {
            using Process systemctl = Process.Start("systemctl", EnableNow);
            systemctl.WaitForExit();
            if (systemctl.ExitCode == 0)
            {
                return VerbExit.Good;
            }
            VerbLine.Complain(SetupVerb.Name, "the node did not start: journalctl -u 'exchangelb*' -n 20 says why");
        }
        catch (Win32Exception)
        {
            VerbLine.Complain(SetupVerb.Name, "there is no systemctl here: start Corosync and the balancer in another way (exchangelb -f … --cluster … does both)");
        }
        return VerbExit.WarningOrRefused;
    }
}
