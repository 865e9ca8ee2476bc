using System;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Health;

/// <summary>
/// The log lines about one server's changes of state, in HAProxy 2.6's words, so that what reads its logs reads ours. Written by
/// the control thread.
/// </summary>
public sealed class ServerStateLines(BackendModel backend, ServerModel server)
{
    private const string ChangedFromCli = ", changed from CLI";

    private readonly string _server = $"{(server.Backup ? "Backup " : "")}Server {backend.Name}/{server.Name}";

    /// <summary>Checks took it down. With `option log-health-checks` the reason stands in the check's own line and not here.</summary>
    /// <param name="usable">Counts after the change.</param>
    /// <param name="load">Sessions at the time of the change.</param>
    public StateLine WentDown(in CheckReport report, UsableServers usable, ServerStateLoad load) =>
        Down($" is DOWN{Cause(report)}", usable, load);

    /// <summary>`set server … health down`.</summary>
    public StateLine ForcedDown(UsableServers usable, ServerStateLoad load) => Down($" is DOWN{ChangedFromCli}", usable, load);

    /// <summary>Checks brought it up.</summary>
    public StateLine CameUp(in CheckReport report, UsableServers usable, ServerStateLoad load) =>
        Up($" is UP{Cause(report)}", usable, load);

    /// <summary>`set server … health up`.</summary>
    public StateLine ForcedUp(UsableServers usable, ServerStateLoad load) => Up($" is UP{ChangedFromCli}", usable, load);

    /// <summary>A server that was usable goes into maintenance.</summary>
    public StateLine GoesIntoMaintenance(UsableServers usable, ServerStateLoad load) =>
        Down(" is going DOWN for maintenance", usable, load);

    /// <summary>A server that was down anyhow goes into maintenance.</summary>
    public StateLine EntersMaintenanceWhenDown() => Notice(" was DOWN and now enters maintenance.");

    /// <summary>It is back to what checks say, on trial: up until the first of them fails.</summary>
    public StateLine LeavesMaintenance() => Notice(" is UP/READY (leaving forced maintenance).");

    /// <summary>From maintenance straight to drain; <see cref="RemainsInDrain"/> follows.</summary>
    public StateLine LeavesMaintenanceForDrain() => Notice(" is UP/DRAIN (leaving forced maintenance).");

    public StateLine RemainsInDrain() => Notice(" remains in forced drain mode.");

    public StateLine EntersDrain(bool isUp, UsableServers usable, ServerStateLoad load) =>
        new(LogLevel.Notice, $"{_server} enters drain state{(isUp ? Online(usable, load) : Left(usable, load))}");

    public StateLine LeavesDrain(bool isUp) => Notice($" is {(isUp ? "UP" : "DOWN")} (leaving forced drain).");

    /// <summary>`option log-health-checks`: a line for each check whose kind of result or whose counting is new.</summary>
    /// <param name="health">After the check was counted.</param>
    /// <param name="weight">The server's weight; with 0 an up server is named DRAIN.</param>
    public StateLine Check(in CheckReport report, ServerHealthState health, int weight)
    {
        string state = !health.IsUp ? "DOWN" : weight > 0 ? "UP" : "DRAIN";
        string outcome = report.Passed ? "succeeded" : "failed";
        // HAProxy writes "backup" in lower case here and before the word server.
        string name = $"{(server.Backup ? "backup " : "")}server {backend.Name}/{server.Name}";
        return Notice(
            LogLevel.Notice,
            $"Health check for {name} {outcome}, {report.Reason()}, status: {health.StatusCount}/{health.StatusScale} {state}.");
    }

    private static StateLine Notice(LogLevel level, string text) => new(level, text);

    private StateLine Notice(string rest) => new(LogLevel.Notice, _server + rest);

    private StateLine Down(string rest, UsableServers usable, ServerStateLoad load) =>
        new(LogLevel.Alert, _server + rest + Left(usable, load));

    private StateLine Up(string rest, UsableServers usable, ServerStateLoad load) =>
        new(LogLevel.Notice, _server + rest + Online(usable, load));

    private string Cause(in CheckReport report) => backend.LogHealthChecks ? "" : $", {report.Reason()}";

    private static string Left(UsableServers usable, ServerStateLoad load) =>
        FormattableString.Invariant(
            $". {usable.Active} active and {usable.Backup} backup servers left.{OnBackup(usable)}") +
        FormattableString.Invariant(
            $" {load.Sessions} sessions active, {load.Requeued} requeued, {load.Queued} remaining in queue.");

    private static string Online(UsableServers usable, ServerStateLoad load) =>
        FormattableString.Invariant(
            $". {usable.Active} active and {usable.Backup} backup servers online.{OnBackup(usable)}") +
        FormattableString.Invariant($" {load.Requeued} sessions requeued, {load.Queued} total in queue.");

    private static string OnBackup(UsableServers usable) => usable.OnBackup ? " Running on backup." : "";
}

/// <summary>Sessions that a state line counts.</summary>
/// <param name="Sessions">Open on this server.</param>
/// <param name="Requeued">That waited for this server and were given back to the backend's queue, or taken from it.</param>
/// <param name="Queued">Still waiting in the backend's queue.</param>
public readonly record struct ServerStateLoad(int Sessions, int Requeued, int Queued);
