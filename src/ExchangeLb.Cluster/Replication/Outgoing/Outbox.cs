using System;
using System.Linq;
using ExchangeLb.Cluster.Replication.Settings;
using ExchangeLb.Cluster.Replication.Tables;
using ExchangeLb.Cluster.Replication.Wire;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Replication.Outgoing;

/// <summary>
/// Makes batches of local writes and numbers them. What could not be sent at all takes a number too: peers find it missing, and ask to be
/// taught. Owner: the replication thread.
/// </summary>
internal sealed class Outbox
{
    /// <summary>Updates that are taken from the queue at once: sorted by table and key, of several of one key only the last is sent.</summary>
    private const int StageLength = 2048;

    private readonly UpdateQueue _queue;
    private readonly TableDirectory _tables;
    private readonly SettingRegisters _settings;
    private readonly IReplicationSender _sender;
    private readonly ulong _incarnation;
    private readonly ReplicationBody _body = new(Replicator.BodyMaxBytes);
    private readonly StickBlockWriter _block;
    private readonly QueuedUpdate[] _stage = new QueuedUpdate[StageLength];
    private int _stageAt;
    private int _staged;
    private bool _pending;
    private int _pendingUpdates;

    public Outbox(UpdateQueue queue, TableDirectory tables, SettingRegisters settings, IReplicationSender sender, ulong incarnation)
    {
        _queue = queue;
        _tables = tables;
        _settings = settings;
        _sender = sender;
        _incarnation = incarnation;
        _block = new StickBlockWriter(_body);
    }

    /// <summary>The last number that was sent or, with what it stood for, lost. Number 1 is never sent: whoever hears of this life asks first.</summary>
    public ulong Number { get; private set; } = 1;

    public LagMeter Lag { get; } = new();

    /// <summary>Updates and orders.</summary>
    public long SentTotal { get; private set; }

    public int Waiting => _queue.Count + _staged - _stageAt + (_pending ? _pendingUpdates : 0);

    /// <summary>Nothing waits, and nothing was lost that has no number yet.</summary>
    public bool IsEmpty => Waiting == 0 && !_pending && !_settings.AnyUnsent && !_queue.AnyLost && !_tables.All.Any(table => table.MustTellClear);

    /// <summary>Gives a number to what was lost. True: peers should hear of it.</summary>
    public bool TakeLost()
    {
        if (_pending || !_queue.TakeLost())
        {
            return false;
        }
        Number++;
        return true;
    }

    /// <summary>Sends the next batch, if there is anything to send.</summary>
    public FlushResult Flush(TimeSpan now)
    {
        if (!_pending && !TryMake())
        {
            return FlushResult.Empty;
        }
        _pending = !_sender.Send(_body.Body);
        if (_pending)
        {
            return FlushResult.Refused;
        }
        Number++;
        SentTotal += _pendingUpdates;
        Lag.Sent(Number, now);
        return FlushResult.Sent;
    }

    /// <summary>Nobody is there to hear.</summary>
    public void Discard()
    {
        bool any = _pending | _settings.DiscardUnsent() | _staged > _stageAt | _queue.TakeLost();
        _pending = false;
        _staged = _stageAt = 0;
        while (_queue.TryTake(out _))
        {
            any = true;
        }
        foreach (TableLink table in _tables.All)
        {
            any |= table.TakeClear();
        }
        Number += any ? 1ul : 0;
    }

    private bool TryMake()
    {
        _body.Begin(MessageType.Batch, _incarnation);
        _body.UInt64(Number + 1);
        _pendingUpdates = 0;
        int empty = _body.Length;
        WriteClears();
        WriteSettings();
        WriteUpdates();
        return _body.Length > empty;
    }

    private void WriteClears()
    {
        foreach (TableLink table in _tables.All)
        {
            if (!table.TakeClear())
            {
                continue;
            }
            if (!ClearBlock.TryWrite(_body, table))
            {
                table.KeepClear();
                return;
            }
            _pendingUpdates++;
        }
    }

    private void WriteSettings()
    {
        while (_body.Room >= SettingBlock.MaxBytes && _settings.TryPeekUnsent(out ServerSetting setting, out SettingVersion version))
        {
            SettingBlock.WriteOne(_body, setting, version);
            _settings.Sent(setting);
            _pendingUpdates++;
        }
    }

    private void WriteUpdates()
    {
        while (Stage())
        {
            int handle = _stage[_stageAt].Table;
            TableLink? table = _tables.Find(handle);
            if (table is null)
            {
                _queue.NoteLost();      // a reload replaced the table while loops still wrote to it; they are being copied
            }
            else if (!_block.TryBegin(table))
            {
                return;
            }
            bool fits = true;
            while (fits && _stageAt < _staged && _stage[_stageAt].Table == handle)
            {
                bool last = _stageAt + 1 == _staged || !_stage[_stageAt].SameEntry(_stage[_stageAt + 1]);
                if (table is not null && last)
                {
                    fits = _block.TryAdd(_stage[_stageAt].Update);
                    _pendingUpdates += fits ? 1 : 0;
                }
                _stageAt += fits ? 1 : 0;
            }
            if (table is not null)
            {
                _block.End();
            }
            if (!fits)
            {
                return;
            }
        }
    }

    /// <summary>True: there are staged updates.</summary>
    private bool Stage()
    {
        if (_stageAt < _staged)
        {
            return true;
        }
        _stageAt = _staged = 0;
        while (_staged < StageLength && _queue.TryTake(out _stage[_staged]))
        {
            _staged++;
        }
        _stage.AsSpan(0, _staged).Sort(default(QueuedUpdate.ByEntry));
        return _staged > 0;
    }
}

internal enum FlushResult
{
    Empty,
    Sent,

    /// <summary>The engine takes nothing now.</summary>
    Refused,
}
