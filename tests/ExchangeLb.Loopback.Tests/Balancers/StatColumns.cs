using System;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Loopback.Tests.Balancers;

/// <summary>What the CSV calls the numbers of a snapshot (management.txt, 9.1), as far as tests here compare them.</summary>
internal static class StatColumns
{
    public static long Of(FrontendSnapshot row, string column) => column switch
    {
        "conn_tot" => row.ConnectionsTotal,
        _ => Of(row.Traffic, column),
    };

    public static long Of(BackendSnapshot row, string column) => column switch
    {
        "qcur" => row.Queued,
        "qmax" => row.MaxQueued,
        "econ" => row.ConnectionErrors,
        "eresp" => row.ResponseErrors,
        "wretr" => row.Retries,
        "wredis" => row.Redispatches,
        "lbtot" => row.SelectedTotal,
        "cli_abrt" => row.ClientAborts,
        "srv_abrt" => row.ServerAborts,
        "act" => row.ActiveServers,
        "bck" => row.BackupServers,
        _ => Of(row.Traffic, column),
    };

    public static long Of(ServerSnapshot row, string column) => column switch
    {
        "qcur" => row.Queued,
        "qmax" => row.MaxQueued,
        "econ" => row.ConnectionErrors,
        "eresp" => row.ResponseErrors,
        "wretr" => row.Retries,
        "wredis" => row.Redispatches,
        "lbtot" => row.SelectedTotal,
        "cli_abrt" => row.ClientAborts,
        "srv_abrt" => row.ServerAborts,
        _ => Of(row.Traffic, column),
    };

    private static long Of(TrafficSnapshot traffic, string column) => column switch
    {
        "scur" => traffic.CurrentSessions,
        "smax" => traffic.MaxSessions,
        "stot" => traffic.TotalSessions,
        "bin" => traffic.BytesIn,
        "bout" => traffic.BytesOut,
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, "no test compares this column yet"),
    };
}
