using System.Net;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Values;

namespace ExchangeLb.Config.Servers;

/// <summary>The address behind `source`, in a server line or a section of its own (configuration.txt, 4.2 and 5.2 `source`).</summary>
internal static class SourceAddressText
{
    /// <summary>Null after an alert.</summary>
    public static IPEndPoint? Read(Arguments line)
    {
        string text = line.Take();
        string? problem = AddressText.TryCut(text, out AddressText cut);
        if (problem is null && (cut.Kind != AddressTextKind.Ip || cut.Port == PortKind.Offset || cut.LowPort != cut.HighPort))
        {
            problem = "has an address of a form that is known, but not supported";
        }
        IPAddress? address = problem is null ? cut.Resolve(line.Context.Options.Resolve) : null;
        if (address is null)
        {
            line.Alert(problem ?? $"has a host name that is not known: '{cut.Host}'",
                "write an address of this host, with or without one port");
            return null;
        }
        if (line.Peek is "usesrc" or "interface")
        {
            line.Alert($"has '{line.Take()}', which is known, but not supported", "remove it and its argument");
            line.Take();
        }
        return new(address, cut.LowPort);
    }
}
