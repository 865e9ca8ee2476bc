namespace ExchangeLb.Core.Health;

/// <summary>What one check result did to a server's standing.</summary>
public enum HealthChange
{
    /// <summary>It said what was known already.</summary>
    None,

    /// <summary>The counter moved, the server is what it was: in doubt, or sure again.</summary>
    Counted,

    /// <summary>The last contrary result that it took: the server is down.</summary>
    WentDown,

    /// <summary>The last passed check that it took: the server is up.</summary>
    CameUp,
}
