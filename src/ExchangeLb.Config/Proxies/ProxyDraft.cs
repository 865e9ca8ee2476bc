using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Proxies;

/// <summary>A word that only HTTP knows, the sections it is for, and where it was written.</summary>
internal readonly record struct HttpWord(string Word, SectionKinds Kinds, SourcePlace Place);

/// <summary>A `defaults`, `frontend`, `backend` or `listen` section as read so far.</summary>
internal sealed class ProxyDraft(SectionKinds kind, string name, SourcePlace place, ProxySettings inherited)
{
    public SectionKinds Kind => kind;

    public string Name => name;

    public SourcePlace Place => place;

    /// <summary>As they came from `defaults`; tells whether a value was set twice in one section.</summary>
    public ProxySettings Inherited => inherited;

    public ProxySettings Settings { get; } = inherited with { };

    public bool HasFrontend => (kind & SectionKinds.FrontSide) != 0;

    public bool HasBackend => (kind & SectionKinds.BackSide) != 0;

    /// <summary>ACLs and rules may not stand there, as in HAProxy.</summary>
    public bool IsAnonymousDefaults => kind == SectionKinds.Defaults && name.Length == 0;

    /// <summary>`listen 'e2k13'`, as messages name it.</summary>
    public string Title => IsAnonymousDefaults ? "defaults" : $"{kind.ToString().ToLowerInvariant()} '{name}'";

    /// <summary>`id`; 0: not written.</summary>
    public int Id { get; set; }

    public SourcePlace IdPlace { get; set; }

    public string? Description { get; set; }

    public List<BindModel> Binds { get; } = [];

    public List<ServerModel> Servers { get; } = [];

    /// <summary>The first server of each name.</summary>
    public Dictionary<string, ServerModel> ServersByName { get; } = new(StringComparer.Ordinal);

    /// <summary>The first server of each `id`.</summary>
    public Dictionary<int, ServerModel> ServersById { get; } = [];

    /// <summary>Where each listener's `id` was first written.</summary>
    public Dictionary<int, SourcePlace> BindIds { get; } = [];

    /// <summary>The tests of each ACL name, in order; any of them may hold.</summary>
    public Dictionary<string, ImmutableArray<AclTestModel>> Acls { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of `acl` lines that were refused: who uses one has had his alert.</summary>
    public HashSet<string> RefusedAcls { get; } = new(StringComparer.Ordinal);

    public List<UseBackendModel> UseBackends { get; } = [];

    public StickTableModel? StickTable { get; set; }

    /// <summary>The `peers` section that the stick table names, and where; null: none.</summary>
    public (string Name, SourcePlace Place)? Peers { get; set; }

    /// <summary>There is a `stick-table`, though it may have been refused: rules that name it then give no message of their own.</summary>
    public bool HasStickTableLine { get; set; }

    public List<StickRuleModel> StickRules { get; } = [];

    /// <summary>HTTP-only words written here; what becomes of them is known when the section's mode is.</summary>
    public List<HttpWord> HttpWords { get; } = [];

    /// <summary>`nbsrv` tests to be checked once all backends are known: the backend and where it was named.</summary>
    public List<(string Backend, SourcePlace Place)> NamedBackends { get; } = [];
}
