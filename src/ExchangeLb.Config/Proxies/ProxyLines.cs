using ExchangeLb.Config.Acls;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Logs;
using ExchangeLb.Config.Servers;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Proxies;

/// <summary>Lines of a proxy section that take more than one value to read.</summary>
internal static class ProxyLines
{
    /// <summary>`id &lt;n&gt;`.</summary>
    public static void Id(ProxyDraft proxy, Arguments line) =>
        (proxy.Id, proxy.IdPlace) = (line.TryInteger(1, int.MaxValue, out int id) ? id : 0, line.Place);

    /// <summary>`mode tcp|http`.</summary>
    public static void Mode(ProxyDraft proxy, Arguments line)
    {
        string mode = line.Take();
        switch (mode)
        {
            case "tcp":
                proxy.Settings.Mode = ProxyMode.Tcp;
                break;
            case "http":
                proxy.Settings.Mode = ProxyMode.Http;
                break;
            case "health":
                line.Alert("'health' is no longer taken by HAProxy", "remove the section, or ask the stats page");
                break;
            default:
                line.Alert($"takes 'tcp' or 'http', not '{mode}'", "write 'mode tcp'");
                break;
        }
    }

    /// <summary>`log global`, `log &lt;target&gt; …`, `no log`.</summary>
    public static void Log(ProxyDraft proxy, Arguments line)
    {
        if (line.Negated && !line.HasMore)
        {
            (proxy.Settings.LogGlobal, proxy.Settings.LogTargets) = (false, []);
        }
        else if (line.Remaining == 1 && line.TakeIf("global"))
        {
            proxy.Settings.LogGlobal = true;
        }
        else if (proxy.Settings.LogTargets.Length == ReaderLimits.LogTargets)
        {
            line.Alert($"is one more than the {ReaderLimits.LogTargets} that a section may have", "remove some");
        }
        else if (LogLine.Read(line) is { } target)
        {
            proxy.Settings.LogTargets = proxy.Settings.LogTargets.Add(target);
        }
    }

    /// <summary>`default_backend &lt;name&gt;`.</summary>
    public static void DefaultBackend(ProxyDraft proxy, Arguments line) =>
        (proxy.Settings.DefaultBackend, proxy.Settings.DefaultBackendPlace) = (line.Take(), line.Place);

    /// <summary>`use_backend &lt;name&gt; [if|unless …]`.</summary>
    public static void UseBackend(ProxyDraft proxy, Arguments line)
    {
        string backend = line.Take();
        if (backend.Contains('%', System.StringComparison.Ordinal))
        {
            line.Alert($"has a name to be computed ('{backend}'), which is known, but not supported", "write one line for each backend");
        }
        else if (ConditionReader.TryRead(proxy, line, out ConditionModel? condition))
        {
            proxy.UseBackends.Add(new(backend, condition, line.Place));
        }
    }

    /// <summary>`source &lt;address&gt;[:&lt;port&gt;]`.</summary>
    public static void Source(ProxyDraft proxy, Arguments line)
    {
        proxy.Settings.Source = SourceAddressText.Read(line);
        line.ExpectEnd();
    }
}
