using System;
using System.Collections.Generic;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Sections;

/// <summary>haproxy.cfg.</summary>
internal sealed class HaproxyGrammar : Grammar
{
    /// <summary>Words of a section that `no` and `default` may precede (HAProxy readcfgfile); the rows say which forms of them.</summary>
    private static readonly string[] NegatableWords =
        ["option", "log", "busy-polling", "set-dumpable", "strict-limits", "insecure-fork-wanted", "numa-cpu-mapping"];

    public override IEnumerable<string> SectionWords => SectionOpener.AllWords;

    public override string Opening => "begin a section first: global, defaults, frontend, backend or listen";

    public override string NegationRemedy => "they only go with 'option', 'log' and a few words of the global section";

    public override bool IsSection(string word) => SectionOpener.IsSection(word);

    public override bool IsNegatable(string word) => Array.IndexOf(NegatableWords, word) >= 0;

    public override string? RemedyElsewhere(string word) =>
        word == "cluster" ? "a cluster has a file of its own: exchangelb -f haproxy.cfg --cluster cluster.cfg" : null;

    public override Section Open(ReadingContext context, SourcePlace place, IReadOnlyList<Word> words) =>
        SectionOpener.Open(context, place, words);
}
