using System;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Checks;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Control;

/// <summary>
/// Brings together what the administrator wants of one server and what the checks say, and tells the loops, the log and the
/// statistics what follows. Owner: the control thread; the public getters may be read by others.
/// </summary>
internal sealed class ServerControl
{
    private readonly ServerState _server;
    private readonly ServerControlContext _context;
    private readonly ServerHealthState _health;
    private ServerStateLines _lines;
    private ServerModel _model;
    private ServerCheck? _check;
    private bool _checksOn;
    private CheckReport? _last;

    public ServerControl(ServerState server, ServerControlContext context)
    {
        _server = server;
        _context = context;
        _model = server.Model;
        _health = new ServerHealthState(_model);
        _lines = new ServerStateLines(server.Backend.Model, _model);
        ChangedMs = context.Control.NowMs;
        _checksOn = _model.Check;
        if (_model.Check)
        {
            _check = new ServerCheck(context.Control, _model, server.Backend.Model, OnReport);
        }
    }

    public ServerState Server => _server;

    /// <summary>Since when the server is what it is, control clock in ms.</summary>
    public long ChangedMs { get; private set; }
    public long DownTransitions { get; private set; }

    /// <summary>Whole time down, not counting a present one.</summary>
    public long DownMs { get; private set; }
    public long CheckFailures => _health.FailedTotal;
    public int ContraryChecks => _health.ContraryChecks;

    /// <summary>Null: the server is not checked now.</summary>
    public CheckSnapshot? Check => _check is not { } check || !_checksOn ? null : new CheckSnapshot(_last?.Result ?? CheckResult.Initial)
    {
        Code = _last?.Code ?? 0,
        DurationMs = _last?.DurationMs ?? 0,
        Info = _last?.Info ?? "",
        Running = check.Running,
        Rise = _health.Rise,
        Fall = _health.Fall,
        Health = _health.Counter,
    };

    private bool IsUp => _server.Health != ServerHealth.Down;

    /// <summary>First interval in ms, by which the first checks of the process are spread.</summary>
    public int FirstIntervalMs => CheckSchedule.IntervalMs(_server.Model, _health);

    public void StartChecks(int delayMs)
    {
        if (_checksOn && _server.Admin != ServerAdminState.Maintenance)
        {
            _check!.StartIn(delayMs);
        }
    }

    public void StopChecks() => _check?.Stop();

    /// <summary>
    /// Goes on as another configuration says, which the server's state and its backend have already. What changed there takes effect;
    /// what did not stays as checks and orders have made it.
    /// </summary>
    public void Become(BackendModel backend)
    {
        ServerModel before = _model;
        ServerModel model = _model = _server.Model;
        _lines = new ServerStateLines(backend, model);
        _check?.Become(model, backend);
        if (before.Rise != model.Rise || before.Fall != model.Fall)
        {
            _health.Rescale(model.Rise, model.Fall);
        }
        if (before.Weight != model.Weight)
        {
            SetWeight(model.Weight);
        }
        if (before.Disabled != model.Disabled)
        {
            SetAdmin(model.Disabled ? ServerAdminState.Maintenance : ServerAdminState.Ready);
        }
        if (before.Check != model.Check)
        {
            TurnChecks(model.Check, backend);
        }
        else if (before.Inter != model.Inter || before.FastInter != model.FastInter || before.DownInter != model.DownInter)
        {
            _check?.Reschedule(FirstIntervalMs);
        }
    }

    public CommandResult SetChecks(bool on)
    {
        if (_check is null)
        {
            return CommandResult.Failed("Health checks are not enabled on this server.");
        }
        if (on && !_checksOn)
        {
            _checksOn = true;
            StartChecks(0);
        }
        else if (!on && _checksOn)
        {
            _checksOn = false;
            _check.Stop();
        }
        return CommandResult.Ok;
    }

    public void SetWeight(int weight)
    {
        _server.Weight = weight;
        _server.Backend.Refresh();
    }

    public void SetAdmin(ServerAdminState wanted)
    {
        ServerAdminState before = _server.Admin;
        if (wanted == before)
        {
            return;
        }
        bool wasUp = IsUp;
        if (before == ServerAdminState.Maintenance)
        {
            _health.PutOnTrial();
            _server.Health = _server.Model.Check ? ServerHealth.Up : ServerHealth.NotChecked;
            NoteUpAgain(wasDown: true);
        }
        _server.Admin = wanted;
        int requeued = _server.Backend.Refresh();
        switch (wanted)
        {
            case ServerAdminState.Maintenance:
                _check?.Stop();
                Say(wasUp ? _lines.GoesIntoMaintenance(Usable(), Load(requeued)) : _lines.EntersMaintenanceWhenDown());
                if (wasUp)
                {
                    NoteDown();
                    SayIfNothingLeft();
                }
                LeaveLoops();
                break;
            case ServerAdminState.Drain:
                ChangedMs = _context.Control.NowMs;
                Say(before == ServerAdminState.Maintenance
                    ? _lines.LeavesMaintenanceForDrain()
                    : _lines.EntersDrain(wasUp, Usable(), Load(requeued)));
                SayIfNothingLeft();
                break;
            default:
                Say(before == ServerAdminState.Maintenance ? _lines.LeavesMaintenance() : _lines.LeavesDrain(IsUp));
                break;
        }
        if (before == ServerAdminState.Maintenance)
        {
            StartChecks(0);
            DropBackups();
        }
        _context.BackendChanged(_server.Backend);
    }

    /// <summary>`set server … health`: until the checks say otherwise.</summary>
    public void ForceHealth(ServerHealth health)
    {
        if (health == ServerHealth.Down)
        {
            _health.ForceDown();
            if (IsUp)
            {
                GoDown(requeued => _lines.ForcedDown(Usable(), Load(requeued)));
            }
            return;
        }
        _health.ForceUp();
        if (!IsUp)
        {
            ComeUp(requeued => _lines.ForcedUp(Usable(), Load(requeued)));
        }
    }

    /// <summary>`check` came or went. Without checks a server counts as up; with them it does until they say otherwise, as at a start.</summary>
    private void TurnChecks(bool on, BackendModel backend)
    {
        _check?.Stop();
        _check = on ? new ServerCheck(_context.Control, _model, backend, OnReport) : null;
        _checksOn = on;
        _health.PutOnTrial();
        if (!IsUp)
        {
            ComeUp(_ => new StateLine(LogLevel.Notice, $"Server {backend.Name}/{_model.Name} is UP, as its checks are configured anew."));
        }
        _server.Health = on ? ServerHealth.Up : ServerHealth.NotChecked;
        _server.Backend.Refresh();
        StartChecks(0);
    }

    private void OnReport(CheckReport report)
    {
        bool news = _last?.Result != report.Result || _last?.Code != report.Code;
        _last = report;
        HealthChange change = _health.Observe(report.Passed);
        if (_server.Backend.Model.LogHealthChecks && (news || change != HealthChange.None))
        {
            Say(_lines.Check(report, _health, _server.Weight));
        }
        if (change == HealthChange.WentDown)
        {
            GoDown(requeued => _lines.WentDown(report, Usable(), Load(requeued)));
        }
        else if (change == HealthChange.CameUp)
        {
            ComeUp(requeued => _lines.CameUp(report, Usable(), Load(requeued)));
        }
        int interval = CheckSchedule.NextIntervalMs(
            _server.Model, _health, _context.SpreadChecksPercent, _context.Random.NextDouble());
        _check!.ContinueAfter(interval);
    }

    private void GoDown(Func<int, StateLine> line)
    {
        NoteDown();         // first: who sees the state sees the count
        _server.Health = ServerHealth.Down;
        int requeued = _server.Backend.Refresh();
        Say(line(requeued));
        SayIfNothingLeft();
        LeaveLoops();
        _context.BackendChanged(_server.Backend);
    }

    private void ComeUp(Func<int, StateLine> line)
    {
        _server.Health = ServerHealth.Up;
        int requeued = _server.Backend.Refresh();
        NoteUpAgain(wasDown: true);
        Say(line(requeued));
        DropBackups();
        _context.BackendChanged(_server.Backend);
    }

    /// <summary>`on-marked-up shutdown-backup-sessions`: whoever made do with a backup connects anew, to this one.</summary>
    private void DropBackups()
    {
        if (_server.Model.ShutdownBackupSessionsWhenUp && !_server.Model.Backup && _server.ServesAll)
        {
            _context.Tell(new LoopMessage.ShutdownBackups(_server.Backend));
        }
    }

    private void LeaveLoops() => _context.Tell(new LoopMessage.LeaveServer(_server, _server.Model.ShutdownSessionsWhenDown));

    private void NoteDown()
    {
        DownTransitions++;
        ChangedMs = _context.Control.NowMs;
    }

    private void NoteUpAgain(bool wasDown)
    {
        if (wasDown)
        {
            DownMs += _context.Control.NowMs - ChangedMs;
        }
        ChangedMs = _context.Control.NowMs;
    }

    private void SayIfNothingLeft()
    {
        if (Usable().None)
        {
            Say(BackendStateLines.NoServerAvailable(_server.Backend.Model.Name));
        }
    }

    private UsableServers Usable() => _server.Backend.CountUsable();

    private ServerStateLoad Load(int requeued) => new(_server.Sessions.Current, requeued, _server.Backend.Queued);

    private void Say(StateLine line) => _context.Say(_server.Backend, line);
}
