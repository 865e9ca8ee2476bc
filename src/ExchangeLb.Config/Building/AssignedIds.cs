using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Config.Building;

/// <summary>
/// HAProxy's numbers of proxies, servers and listeners: those written by `id` are kept, the others get the lowest free ones in the
/// order of the file.
/// </summary>
internal sealed class AssignedIds
{
    private readonly Dictionary<ProxyDraft, int> _ids = [];

    private AssignedIds()
    {
    }

    public int Of(ProxyDraft proxy) => _ids[proxy];

    /// <summary>Two proxies with one written id are an alert.</summary>
    /// <param name="first">The lowest number given: HAProxy's own proxy for stats sockets, where there are any, has 1.</param>
    public static AssignedIds Of(IReadOnlyList<ProxyDraft> proxies, int first, DiagnosticList diagnostics)
    {
        Dictionary<int, ProxyDraft> written = [];
        foreach (ProxyDraft proxy in proxies.Where(proxy => proxy.Id != 0))
        {
            if (!written.TryAdd(proxy.Id, proxy))
            {
                ProxyDraft other = written[proxy.Id];
                diagnostics.Alert(proxy.IdPlace,
                    $"{proxy.Title}: 'id' {proxy.Id} is that of {other.Title} in line {other.Place.Line} already; choose another");
            }
        }
        AssignedIds assigned = new();
        int[] numbers = Fill(proxies.Select(proxy => proxy.Id), first);
        for (int i = 0; i < proxies.Count; i++)
        {
            assigned._ids[proxies[i]] = numbers[i];
        }
        return assigned;
    }

    public static ImmutableArray<BindModel> Number(IReadOnlyList<BindModel> binds) =>
        [.. binds.Zip(Fill(binds.Select(bind => bind.Id)), (bind, id) => bind with { Id = id })];

    public static ImmutableArray<ServerModel> Number(IReadOnlyList<ServerModel> servers) =>
        [.. servers.Zip(Fill(servers.Select(server => server.Id)), (server, id) => server with { Id = id })];

    /// <summary>Replaces each 0 by the lowest number, from <paramref name="first"/>, that nobody has.</summary>
    private static int[] Fill(IEnumerable<int> ids, int first = 1)
    {
        int[] numbers = [.. ids];
        HashSet<int> taken = [.. numbers];
        int next = first - 1;
        for (int i = 0; i < numbers.Length; i++)
        {
            while (numbers[i] == 0)
            {
                next++;
                numbers[i] = taken.Contains(next) ? 0 : next;
            }
        }
        return numbers;
    }
}
