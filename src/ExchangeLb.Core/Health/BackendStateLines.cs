using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Health;

/// <summary>The log lines about a whole proxy, in HAProxy 2.6's words.</summary>
public static class BackendStateLines
{
    /// <summary>The last usable server, active or backup, is gone.</summary>
    public static StateLine NoServerAvailable(string proxy) => new(LogLevel.Emerg, $"proxy {proxy} has no server available!");
}
