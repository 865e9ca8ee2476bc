using System.Collections.Frozen;
using System.Collections.Immutable;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Core.Runtime;

/// <summary>What the nodes of a cluster keep equal of a running load balancer: stick tables, and what administrators ordered about servers. Any thread.</summary>
public interface IReplicatedState
{
    /// <summary>What there is; another object after each reload that changed it.</summary>
    ReplicatedContent Content { get; }

    /// <summary>Is told of each order that a local administrator gave; null: there is no cluster.</summary>
    IServerSettingSink? SettingSink { get; set; }

    /// <summary>Carries out what an administrator ordered at another node. False: not now (too much waits); try again.</summary>
    bool TryApply(in ServerSetting setting);
}

/// <summary>Hears of local orders on the thread that carried them out; must not block or call back.</summary>
public interface IServerSettingSink
{
    void Changed(in ServerSetting setting);
}

/// <param name="Tables">Each name once.</param>
/// <param name="Servers">All servers of all backends.</param>
public sealed record ReplicatedContent(ImmutableArray<ReplicatedTable> Tables, FrozenSet<ServerName> Servers)
{
    public static ReplicatedContent Empty { get; } = new([], []);
}

/// <summary>A stick table with the servers that its entries may name.</summary>
/// <param name="Table">
/// The same object over reloads too, unless one changed the table's size, life or ids: then its successor, with entries, versions and sink.
/// </param>
/// <param name="Servers">
/// Names by the ids that entries hold: files may differ between nodes, or be reloaded at different moments, and a name is what stays. Ids that
/// are not in it (a table whose users disagree) travel as they are.
/// </param>
public sealed record ReplicatedTable(StickTable Table, FrozenDictionary<int, string> Servers)
{
    public string Name => Table.Model.Name;
}

public readonly record struct ServerName(string Backend, string Server);

/// <summary>One thing that an administrator ordered about one server.</summary>
/// <param name="Value">See <see cref="ServerSettingKind"/>.</param>
public readonly record struct ServerSetting(ServerName Server, ServerSettingKind Kind, int Value);

/// <summary>Numbers are on the wire: only ever add.</summary>
public enum ServerSettingKind : byte
{
    /// <summary>0 ready, 1 drain, 2 maintenance.</summary>
    State = 1,

    /// <summary>0..256.</summary>
    Weight = 2,

    /// <summary>0 disabled, 1 enabled.</summary>
    Checks = 3,

    /// <summary>0 down, 1 up: until checks say otherwise.</summary>
    Health = 4,
}
