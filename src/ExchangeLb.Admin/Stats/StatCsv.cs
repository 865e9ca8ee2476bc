using System;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Stats;

/// <summary>The one writer of the CSV, for `;csv` on the page and for `show stat` on the socket.</summary>
internal static class StatCsv
{
    public static void WriteHeader(Utf8Writer writer)
    {
        writer.Raw("# "u8);
        foreach (CsvColumn column in CsvColumns.All)
        {
            writer.Text(column.Name).Raw(","u8);
        }
        writer.Raw("\n"u8);
    }

    /// <summary>A proxy's rows in HAProxy's order: frontend, servers, backend.</summary>
    public static void WriteRows(Utf8Writer writer, ProxySnapshot proxy, StatFilter filter, bool legends)
    {
        if (!filter.Shows(proxy.Model))
        {
            return;
        }
        if (proxy.Frontend is { } frontend && filter.Shows(StatRows.Frontends))
        {
            WriteRow(writer, new FrontendRow(proxy.Model, frontend), column => column.Frontend);
        }
        if (filter.Shows(StatRows.Servers))
        {
            foreach (ServerSnapshot server in proxy.Servers)
            {
                if (filter.Shows(server))
                {
                    WriteRow(writer, new ServerRow(proxy.Model, server, legends), column => column.Server);
                }
            }
        }
        if (proxy.Backend is { } backend && filter.Shows(StatRows.Backends))
        {
            WriteRow(writer, new BackendRow(proxy.Model, backend, legends), column => column.Backend);
        }
    }

    private static void WriteRow<TRow>(Utf8Writer writer, TRow row, Func<CsvColumn, Func<TRow, CsvValue>?> cell)
    {
        foreach (CsvColumn column in CsvColumns.All)
        {
            cell(column)?.Invoke(row).WriteTo(writer);
            writer.Raw(","u8);
        }
        writer.Raw("\n"u8);
    }
}
