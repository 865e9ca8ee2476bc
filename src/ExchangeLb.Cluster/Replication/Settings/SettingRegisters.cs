using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Replication.Settings;

/// <summary>
/// What administrators ordered about servers, the last order of each kind with its version. Only orders are here: what nobody changed is as
/// each node's file says. At most four a server. Owner: the replication thread, but for <see cref="Changed"/>.
/// </summary>
/// <param name="counter">Higher than in earlier lives of this node.</param>
internal sealed class SettingRegisters(NodeId self, ulong counter, IReplicatedState state)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SettingKey, int> _local = [];
    private readonly Dictionary<SettingKey, Register> _registers = [];
    private readonly HashSet<SettingKey> _unsent = [];
    private readonly HashSet<SettingKey> _unapplied = [];
    private ulong _counter = counter;

    public bool AnyUnsent => _unsent.Count > 0;

    /// <summary>All carried out here; false: look again soon.</summary>
    public bool AllApplied => _unapplied.Count == 0;

    /// <summary>Any thread: a local order.</summary>
    public void Changed(in ServerSetting setting)
    {
        lock (_lock)
        {
            _local[new SettingKey(setting.Server, setting.Kind)] = setting.Value;
        }
    }

    /// <summary>Gives versions to local orders.</summary>
    public void TakeLocal()
    {
        lock (_lock)
        {
            foreach ((SettingKey key, int value) in _local)
            {
                bool crossed = _registers.TryGetValue(key, out Register before) && before.Version.Node != self.Value;
                _registers[key] = new Register(value, new SettingVersion(++_counter, self.Value));
                _unsent.Add(key);
                if (crossed)
                {
                    _unapplied.Add(key);        // a peer's earlier order may be carried out after this one was: so this one once more
                }
            }
            _local.Clear();
        }
    }

    /// <summary>The next order that was not sent yet.</summary>
    public bool TryPeekUnsent(out ServerSetting setting, out SettingVersion version)
    {
        setting = default;
        version = default;
        foreach (SettingKey key in _unsent)
        {
            Register register = _registers[key];
            setting = new ServerSetting(key.Server, key.Kind, register.Value);
            version = register.Version;
            return true;
        }
        return false;
    }

    public void Sent(in ServerSetting setting) => _unsent.Remove(new SettingKey(setting.Server, setting.Kind));

    /// <summary>Nobody is there to hear. True: there was something to tell.</summary>
    public bool DiscardUnsent()
    {
        bool any = _unsent.Count > 0;
        _unsent.Clear();
        return any;
    }

    /// <summary>Takes a peer's order, if it is later than what is here. False: this node has no such server, or does not know the kind.</summary>
    /// <param name="taught">
    /// It was ordered some time ago. A forced health lasts until checks say otherwise, and this node's do by themselves: then it is kept, not
    /// carried out, unless checks are turned off.
    /// </param>
    public bool Merge(in ServerSetting setting, SettingVersion version, bool taught)
    {
        if (!state.Content.Servers.Contains(setting.Server) || setting.Kind > ServerSettingKind.Health)
        {
            return false;
        }
        TakeLocal();        // what was ordered here before this moment has been seen by no peer: it is judged by its version
        if (_counter < version.Counter)
        {
            _counter = version.Counter;
        }
        var key = new SettingKey(setting.Server, setting.Kind);
        if (_registers.TryGetValue(key, out Register known) && version <= known.Version)
        {
            return true;
        }
        _registers[key] = new Register(setting.Value, version);
        _unsent.Remove(key);
        bool outdated = taught && setting.Kind == ServerSettingKind.Health && !ChecksAreOff(setting.Server);
        if (!outdated && !state.TryApply(setting))
        {
            _unapplied.Add(key);
        }
        return true;
    }

    public void ApplyAgain() =>
        _unapplied.RemoveWhere(key => state.TryApply(new ServerSetting(key.Server, key.Kind, _registers[key].Value)));

    /// <summary>Servers that have gone take their orders with them.</summary>
    public void Follow(ReplicatedContent content)
    {
        foreach (SettingKey key in _registers.Keys.Where(key => !content.Servers.Contains(key.Server)).ToArray())
        {
            _registers.Remove(key);
            _unsent.Remove(key);
            _unapplied.Remove(key);
        }
    }

    /// <summary>For a pupil; checks come before health, which depends on them.</summary>
    public Queue<(ServerSetting Setting, SettingVersion Version)> All() =>
        new(_registers.OrderBy(pair => pair.Key.Kind)
            .Select(pair => (new ServerSetting(pair.Key.Server, pair.Key.Kind, pair.Value.Value), pair.Value.Version)));

    private bool ChecksAreOff(ServerName server) =>
        _registers.TryGetValue(new SettingKey(server, ServerSettingKind.Checks), out Register checks) && checks.Value == 0;

    private readonly record struct SettingKey(ServerName Server, ServerSettingKind Kind);

    private readonly record struct Register(int Value, SettingVersion Version);
}
