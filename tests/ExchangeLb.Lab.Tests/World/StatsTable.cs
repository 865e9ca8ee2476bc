using System;
using System.Collections.Generic;
using System.Linq;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>The statistics as `;csv` gives them.</summary>
internal sealed record StatsTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    internal string this[string proxy, string name, string column] =>
        Rows.FirstOrDefault(row => row[0] == proxy && row[1] == name) is { } row ? row[Columns.ToList().IndexOf(column)] : $"no row {proxy}/{name}";

    internal static StatsTable Parse(string csv)
    {
        string[] lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new StatsTable(lines[0].TrimStart('#', ' ').Split(','), [.. lines.Skip(1).Select(line => line.Split(','))]);
    }
}
