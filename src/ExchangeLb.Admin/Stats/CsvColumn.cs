using System;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Stats;

/// <summary>What a frontend's row is made from.</summary>
internal sealed record FrontendRow(ProxyModel Proxy, FrontendSnapshot State);

/// <summary>What a server's row is made from.</summary>
/// <param name="Legends">Addresses may be told: always on the socket, on the page only with `stats show-legends`.</param>
internal sealed record ServerRow(ProxyModel Proxy, ServerSnapshot State, bool Legends);

/// <summary>What a backend's row is made from.</summary>
/// <param name="Legends">As in <see cref="ServerRow"/>, for the balance algorithm.</param>
internal sealed record BackendRow(ProxyModel Proxy, BackendSnapshot State, bool Legends);

/// <summary>
/// A column of the CSV (management.txt, 9.1) and how each kind of row fills it; a kind without a function leaves it empty.
/// </summary>
internal sealed record CsvColumn(string Name)
{
    public Func<FrontendRow, CsvValue>? Frontend { get; init; }
    public Func<ServerRow, CsvValue>? Server { get; init; }
    public Func<BackendRow, CsvValue>? Backend { get; init; }
}
