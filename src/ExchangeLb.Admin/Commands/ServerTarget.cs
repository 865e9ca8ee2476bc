using System;
using System.Globalization;
using System.Linq;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>A server named on a runtime socket: `backend/server`, each by its name or as `#id`.</summary>
internal sealed record ServerTarget(ProxySnapshot Backend, ServerSnapshot Server)
{
    public string BackendName => Backend.Model.Name;

    public string ServerName => Server.Model.Name;

    /// <summary>Null, after saying why, when there is no such server.</summary>
    public static ServerTarget? Find(CommandCall call)
    {
        string text = call.Argument(0);
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            call.Say("Require 'backend/server'.");
            return null;
        }
        ProxySnapshot? backend = call.Runtime.Snapshot().Proxies.FirstOrDefault(proxy =>
            proxy.Backend is not null && Names(text.AsSpan(0, slash), proxy.Model.Name, proxy.Model.Id));
        if (backend is null)
        {
            call.Say("No such backend.");
            return null;
        }
        ServerSnapshot? server = backend.Servers.FirstOrDefault(one => Names(text.AsSpan(slash + 1), one.Model.Name, one.Model.Id));
        if (server is null)
        {
            call.Say("No such server.");
            return null;
        }
        return new ServerTarget(backend, server);
    }

    private static bool Names(ReadOnlySpan<char> given, string name, int id) =>
        given is ['#', .. var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int wanted)
            ? wanted == id
            : given.SequenceEqual(name);
}
