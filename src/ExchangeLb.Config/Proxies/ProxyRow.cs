using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;

namespace ExchangeLb.Config.Proxies;

/// <summary>Short ways to write rows of the proxy sections' table.</summary>
internal static class ProxyRow
{
    /// <summary>A keyword that is run, with as many arguments as its syntax shows.</summary>
    public static Keyword<ProxyDraft> Run(
        string name, SectionKinds kinds, string syntax, string description, Action<ProxyDraft, Arguments> parse)
    {
        (int min, int max) = Arity.Of(syntax);
        return new(name, kinds, Support.Run, description, parse)
        {
            Syntax = syntax,
            MinArguments = min,
            MaxArguments = max,
            IgnoredElsewhere = true,
        };
    }

    /// <summary>The parse function itself says what is too much.</summary>
    public static Keyword<ProxyDraft> WithAnyMore(this Keyword<ProxyDraft> row) => row with { MaxArguments = int.MaxValue };

    /// <summary>An on/off `option`, which `no` turns off and `default` gives back what an empty `defaults` has: off.</summary>
    public static Keyword<ProxyDraft> Switch(string option, SectionKinds kinds, string description, Action<ProxySettings, bool> set) =>
        Run($"option {option}", kinds, "", description, (proxy, line) => set(proxy.Settings, !line.Negated)) with { Negatable = true };

    public static IEnumerable<Keyword<ProxyDraft>> Refused(SectionKinds kinds, string remedy, params string[] names) =>
        names.Select(name => new Keyword<ProxyDraft>(name, kinds, Support.Refused, remedy, null));

    public static IEnumerable<Keyword<ProxyDraft>> NoEffect(SectionKinds kinds, string reason, params string[] names) =>
        names.Select(name =>
            new Keyword<ProxyDraft>(name, kinds, Support.NoEffect, reason, null) { Negatable = true, IgnoredElsewhere = true });

    public static IEnumerable<Keyword<ProxyDraft>> Removed(string remedy, params string[] names) =>
        names.Select(name => new Keyword<ProxyDraft>(name, SectionKinds.Anywhere, Support.Removed, remedy, null));

    /// <summary>
    /// Words that only HTTP knows are remembered; what becomes of them is told when the section ends and its mode is known.
    /// </summary>
    public static IEnumerable<Keyword<ProxyDraft>> HttpOnly(SectionKinds kinds, params string[] names) =>
        names.Select(name => new Keyword<ProxyDraft>(name, kinds, Support.HttpOnly, "HTTP only", (proxy, line) => Remember(proxy, line, kinds))
        {
            Negatable = true,
            IgnoredElsewhere = name != "declare",
        });

    private static void Remember(ProxyDraft proxy, Arguments line, SectionKinds kinds)
    {
        if (proxy.IsAnonymousDefaults && line.Keyword is "http-request" or "http-response" or "http-after-response")
        {
            line.Alert("may not stand in a defaults section without a name", "write it where HTTP is spoken");
        }
        else if (line.Negated)
        {
            proxy.Settings.InheritedHttpWords = proxy.Settings.InheritedHttpWords.RemoveAll(item => item.Word == line.Keyword);
        }
        else
        {
            proxy.HttpWords.Add(new(line.Keyword, kinds, line.Place));
        }
    }
}
