using System.Net;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Config.Values;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Servers;

/// <summary>`server name address[:port] [option …]` and `default-server option …` (configuration.txt, 4.2 and 5.2).</summary>
internal static class ServerLine
{
    public static void ReadDefault(ProxyDraft proxy, Arguments arguments)
    {
        ServerSettings settings = proxy.Settings.Server with { };
        OptionList.Read(ServerKeywords.Table, proxy.Kind, settings, arguments);
        if (settings.Id != 0)
        {
            arguments.Alert("can't give an id to all servers", "write 'id' on the server lines");
        }
        proxy.Settings.Server = settings;
    }

    public static void Read(ProxyDraft proxy, Arguments arguments)
    {
        string name = arguments.Take();
        string text = arguments.Take();
        if (!arguments.NameFits(name))
        {
            return;
        }
        arguments.Keyword = $"server {name}";
        if (SectionNames.FirstBadCharacter(name) is { } bad)
        {
            arguments.Alert($"has a character that names can't have: '{bad}'", "use letters, digits, '.', '_', '-' and ':'");
            return;
        }
        if (text.Length == 0)
        {
            arguments.Alert("lacks a name or an address", "write: server <name> <address>[:<port>]");
            return;
        }
        ServerSettings settings = proxy.Settings.Server with { Id = 0 };
        (AddressText Cut, IPAddress Address)? target = ReadAddress(text, arguments);
        OptionList.Read(ServerKeywords.Table, proxy.Kind, settings, arguments);
        arguments.Keyword = $"server {name}";
        if (target is { } found)
        {
            Add(proxy, Build(name, text, found.Cut, found.Address, settings, arguments), arguments);
        }
    }

    private static (AddressText Cut, IPAddress Address)? ReadAddress(string text, Arguments arguments)
    {
        if (AddressText.TryCut(text, out AddressText cut) is { } problem)
        {
            arguments.Alert(problem, "write <address>[:<port>], the port being 1 to 65535");
        }
        else if (cut.Kind != AddressTextKind.Ip)
        {
            arguments.Alert($"has an address that is known, but not supported: '{text}'", "write an IP address or a host name, and a port");
        }
        else if (cut.LowPort != cut.HighPort)
        {
            arguments.Alert($"has a port range in '{text}'", "write one port");
        }
        else if (cut.Resolve(arguments.Context.Options.Resolve) is not { } address)
        {
            arguments.Alert($"has a host name that can't be resolved: '{cut.Host}'",
                "write an address, or put the name into DNS or /etc/hosts");
        }
        else if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            arguments.Alert($"stands for the address that the client came to ('{text}'), which is known, but not supported",
                "write the server's address");
        }
        else
        {
            return (cut, address);
        }
        return null;
    }

    private static ServerModel Build(string name, string text, AddressText cut, IPAddress address, ServerSettings settings,
        Arguments arguments) =>
        new(settings.Id, name, address, arguments.Place)
        {
            // Port 0 is no port: HAProxy takes the client's then, too.
            Port = cut.LowPort,
            PortIsOffset = cut.Port != PortKind.Fixed || cut.LowPort == 0,
            AddressText = text,
            Weight = settings.Weight,
            Backup = settings.Backup,
            MaxConn = settings.MaxConn,
            MaxQueue = settings.MaxQueue,
            Check = settings.Check,
            Inter = settings.Inter,
            FastInter = settings.FastInter,
            DownInter = settings.DownInter,
            Rise = settings.Rise,
            Fall = settings.Fall,
            CheckAddress = settings.CheckAddress,
            CheckPort = settings.CheckPort,
            ShutdownSessionsWhenDown = settings.ShutdownSessionsWhenDown,
            ShutdownBackupSessionsWhenUp = settings.ShutdownBackupSessionsWhenUp,
            Disabled = settings.Disabled,
            Source = settings.Source,
        };

    private static void Add(ProxyDraft proxy, ServerModel server, Arguments arguments)
    {
        if (server.Id != 0 && !proxy.ServersById.TryAdd(server.Id, server))
        {
            ServerModel other = proxy.ServersById[server.Id];
            arguments.Alert($"has id {server.Id}, as server '{other.Name}' in line {other.Place.Line} already has", "choose another");
        }
        if (!proxy.ServersByName.TryAdd(server.Name, server))
        {
            arguments.Alert($"has the name of the server in line {proxy.ServersByName[server.Name].Place.Line}", "choose another");
        }
        proxy.Servers.Add(server);
    }
}
