using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Health;

/// <summary>
/// Counts a server's check results as HAProxy does (configuration.txt, 5.2 `rise`, `fall`; management.txt, 9.1
/// `check_health`). Owner: the control thread.
/// </summary>
/// <remarks>
/// One counter, 0..rise+fall-1: below rise the server is down, from rise on it is up. A result that agrees with the present
/// state puts it at its end of the scale at once; contrary results move it step by step. A server begins at rise: up, but the
/// first failed check takes it down, whatever `fall` says.
/// </remarks>
public sealed class ServerHealthState
{
    public ServerHealthState(ServerModel model)
    {
        Rise = model.Rise;
        Fall = model.Fall;
        Counter = Rise;
    }

    public int Rise { get; private set; }

    public int Fall { get; private set; }

    /// <summary>0..<see cref="Rise"/>+<see cref="Fall"/>-1.</summary>
    public int Counter { get; private set; }

    public bool IsUp => Counter >= Rise;

    /// <summary>Nothing recent speaks against the present state.</summary>
    public bool IsSure => Counter == 0 || Counter == Top;

    /// <summary>Failed checks while not surely down (`chkfail` of the CSV).</summary>
    public long FailedTotal { get; private set; }

    /// <summary>Results in a row that speak against the present state.</summary>
    public int ContraryChecks => IsUp ? Top - Counter : Counter;

    /// <summary>Of <see cref="StatusScale"/>: fall and falling while up, 0 and rising while down, as in `status: 2/3 UP`.</summary>
    public int StatusCount => IsUp ? Counter - Rise + 1 : Counter;

    public int StatusScale => IsUp ? Fall : Rise;

    private int Top => Rise + Fall - 1;

    /// <summary>Counts one result.</summary>
    public HealthChange Observe(bool passed) => passed ? Passed() : Failed();

    /// <summary>`set server … health up`: surely up, until checks say otherwise.</summary>
    public void ForceUp() => Counter = Top;

    /// <summary>`set server … health down`: surely down, until checks say otherwise.</summary>
    public void ForceDown() => Counter = 0;

    /// <summary>
    /// The configuration has another `rise` or `fall`: the server stays what it is, up or down, and the results that speak against it
    /// stay counted, as far as the new scale goes.
    /// </summary>
    public void Rescale(int rise, int fall)
    {
        bool up = IsUp;
        int contrary = ContraryChecks;
        Rise = rise;
        Fall = fall;
        Counter = up ? Math.Max(Rise, Top - contrary) : Math.Min(Rise - 1, contrary);
    }

    /// <summary>Up, but on trial, as at start: after maintenance, or when checks are turned on again.</summary>
    public void PutOnTrial() => Counter = Rise;

    private HealthChange Passed()
    {
        if (Counter == Top)
        {
            return HealthChange.None;
        }
        bool wasUp = IsUp;
        if (++Counter < Rise)
        {
            return HealthChange.Counted;
        }
        Counter = Top;
        return wasUp ? HealthChange.Counted : HealthChange.CameUp;
    }

    private HealthChange Failed()
    {
        if (Counter == 0)
        {
            return HealthChange.None;
        }
        FailedTotal++;
        bool wasUp = IsUp;
        if (--Counter >= Rise)
        {
            return HealthChange.Counted;
        }
        Counter = 0;
        return wasUp ? HealthChange.WentDown : HealthChange.Counted;
    }
}
