using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Tests.Replication;

/// <summary>A node's tables and servers as the proxies would show them; the servers' ids are the node's own.</summary>
internal sealed class ReplicaState : IReplicatedState
{
    private readonly Dictionary<string, FrozenDictionary<int, string>> _servers = [];

    public ReplicatedContent Content { get; private set; } = ReplicatedContent.Empty;

    public IServerSettingSink? SettingSink { get; set; }

    public Dictionary<string, StickTable> Tables { get; } = [];

    public Dictionary<(ServerName, ServerSettingKind), int> Settings { get; } = [];

    public List<ServerSetting> Applied { get; } = [];

    /// <summary>The control thread takes no orders.</summary>
    public bool Busy { get; set; }

    public StickTable Add(string name, int size = 1000, long? expireMs = 900_000, StickKeyKind key = StickKeyKind.IPv4, params (int, string)[] servers)
    {
        TimeSpan? expire = expireMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
        Tables[name] = new StickTable(new StickTableModel(name, key, size, expire, false, default), 7);
        SetServers(name, servers);
        return Tables[name];
    }

    public void SetServers(string table, params (int Id, string Name)[] servers)
    {
        _servers[table] = servers.ToFrozenDictionary(server => server.Id, server => server.Name);
        Content = new ReplicatedContent(
            [.. Tables.Values.Select(one => new ReplicatedTable(one, _servers[one.Model.Name]))],
            _servers.SelectMany(pair => pair.Value.Values.Select(name => new ServerName(pair.Key, name))).ToFrozenSet());
    }

    public void Order(string backend, string server, ServerSettingKind kind, int value)
    {
        ServerSetting setting = new(new ServerName(backend, server), kind, value);
        Settings[(setting.Server, kind)] = value;
        SettingSink!.Changed(setting);
    }

    public bool TryApply(in ServerSetting setting)
    {
        if (Busy)
        {
            return false;
        }
        Settings[(setting.Server, setting.Kind)] = setting.Value;
        Applied.Add(setting);
        return true;
    }
}
