using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Binds;
using ExchangeLb.Config.Globals;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Peers;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Sections;

/// <summary>Opens a section where a line begins with a section's word.</summary>
internal static class SectionOpener
{
    /// <summary>Sections that HAProxy 2.6 knows and we don't run, with the remedy.</summary>
    public static IReadOnlyDictionary<string, string> Refused { get; } = new Dictionary<string, string>(System.StringComparer.Ordinal)
    {
        ["cache"] = "only HTTP would use it: remove the section",
        ["fcgi-app"] = "only HTTP would use it: remove the section",
        ["http-errors"] = "only HTTP would use it: remove the section",
        ["log-forward"] = "forward log lines by a syslog daemon",
        ["mailers"] = "watch the log or the statistics: remove the section",
        ["namespace_list"] = "remove the section",
        ["program"] = "start programs by systemd",
        ["resolvers"] = "names are resolved once, at the start: remove the section",
        ["ring"] = "log to a syslog daemon",
        ["userlist"] = "write 'stats auth <user>:<password>'",
    };

    private static readonly Dictionary<string, SectionKinds> Kinds = new(System.StringComparer.Ordinal)
    {
        ["global"] = SectionKinds.Global,
        ["defaults"] = SectionKinds.Defaults,
        ["frontend"] = SectionKinds.Frontend,
        ["backend"] = SectionKinds.Backend,
        ["listen"] = SectionKinds.Listen,
        [PeersSection.Word] = SectionKinds.Peers,
    };

    public static bool IsSection(string word) => Kinds.ContainsKey(word) || Refused.ContainsKey(word);

    public static IEnumerable<string> AllWords => Kinds.Keys.Concat(Refused.Keys);

    public static Section Open(ReadingContext context, SourcePlace place, IReadOnlyList<Word> words)
    {
        string word = words[0].Text;
        Arguments arguments = new(context, place, word, [.. words.Skip(1)]) { Keyword = word };
        if (Refused.TryGetValue(word, out string? remedy))
        {
            arguments.Alert("is a section that is known, but not supported", remedy);
            return new SkippedSection(word);
        }
        return Kinds[word] switch
        {
            SectionKinds.Global => OpenGlobal(context, word, arguments),
            SectionKinds.Peers => PeersSection.Open(arguments),
            SectionKinds proxy => OpenProxy(proxy, word, arguments),
        };
    }

    private static KeywordSection<GlobalDraft> OpenGlobal(ReadingContext context, string word, Arguments arguments)
    {
        arguments.ExpectEnd();
        return new KeywordSection<GlobalDraft>(SectionKinds.Global, word, GlobalKeywords.Table, context.Global, (_, _) => { })
        {
            VariableValue = word,
        };
    }

    private static Section OpenProxy(SectionKinds kind, string word, Arguments arguments)
    {
        bool isDefaults = kind == SectionKinds.Defaults;
        string name = isDefaults && arguments.Peek == "from" ? "" : arguments.Take();
        if (name.Length == 0 && !isDefaults)
        {
            arguments.Alert("lacks a name", $"write: {word} <name>");
            return new SkippedSection(word);
        }
        if (!arguments.NameFits(name))
        {
            return new SkippedSection(word);
        }
        if (SectionNames.FirstBadCharacter(name) is { } bad)
        {
            arguments.Alert($"has a character in its name '{name}' that names can't have: '{bad}'",
                "use letters, digits, '.', '_', '-' and ':'");
            return new SkippedSection(word);
        }
        string? addresses = !isDefaults && arguments.HasMore && arguments.Peek != "from" ? arguments.Take() : null;
        ProxySettings inherited = Inherit(kind, arguments) ?? new();
        ProxyDraft draft = new(kind, name, arguments.Place, inherited);
        Register(draft, arguments);
        Section section = new KeywordSection<ProxyDraft>(kind, draft.Title, ProxyKeywords.Table, draft, ProxyClosing.Close)
        {
            VariableValue = name.Length > 0 ? name : word,
        };
        if (addresses is not null)
        {
            BindOnSectionLine(draft, addresses, arguments);
        }
        arguments.ExpectEnd();
        return section;
    }

    /// <summary>`from NAME`, or else the last `defaults`. Null: nothing to inherit.</summary>
    private static ProxySettings? Inherit(SectionKinds kind, Arguments arguments)
    {
        ReadingContext context = arguments.Context;
        if (!arguments.TakeIf("from"))
        {
            return kind == SectionKinds.Defaults ? null : context.LastDefaults?.Settings;
        }
        string name = arguments.Take();
        if (!context.NamedDefaults.TryGetValue(name, out ProxyDraft? defaults))
        {
            arguments.Alert($"inherits from '{name}', but no such defaults section stands above",
                NearestWord.Find(name, context.NamedDefaults.Keys) is { } nearest
                    ? $"did you mean '{nearest}'?" : "write it before its use: defaults <name>");
        }
        else if (context.AmbiguousDefaults.Contains(name))
        {
            arguments.Alert($"inherits from '{name}', of which there are several defaults sections", "give each its own name");
        }
        return defaults?.Settings;
    }

    private static void Register(ProxyDraft draft, Arguments arguments)
    {
        ReadingContext context = arguments.Context;
        if (draft.Kind != SectionKinds.Defaults)
        {
            context.Proxies.Add(draft);
            return;
        }
        context.LastDefaults = draft;
        if (draft.Name.Length > 0 && !context.NamedDefaults.TryAdd(draft.Name, draft))
        {
            context.AmbiguousDefaults.Add(draft.Name);
        }
    }

    /// <summary>HAProxy 1.5 took addresses on the section's own line; 2.6 does not, but the files live on.</summary>
    private static void BindOnSectionLine(ProxyDraft draft, string addresses, Arguments arguments)
    {
        arguments.Keyword = $"{arguments.Keyword} {draft.Name} {addresses}";
        if (draft.Kind == SectionKinds.Backend)
        {
            arguments.Warning("has an address on its line, which is ignored", "a backend does not listen: remove it");
            return;
        }
        arguments.Warning("has its address on the section's own line, as HAProxy 1.5 took it",
            $"write it as a line of its own: bind {addresses}");
        _ = addresses.Split(',').All(address => BindLine.Add(draft, address, new BindDraft(), arguments));
    }
}
