using System;
using System.Collections.Generic;
using ExchangeLb.Config.Globals;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Config.Sections;

/// <summary>What one reading has gathered so far, over all its files. Owned by one <see cref="ConfigurationReader"/> call.</summary>
internal sealed class ReadingContext(ReaderOptions options, DiagnosticList diagnostics)
{
    public ReaderOptions Options => options;

    public DiagnosticList Diagnostics => diagnostics;

    public VariableScope Variables { get; } = new(options.Environment);

    public GlobalDraft Global { get; } = new();

    /// <summary>Proxies in the order of the files.</summary>
    public List<ProxyDraft> Proxies { get; } = [];

    /// <summary>The last `defaults` section: what a proxy without `from` inherits.</summary>
    public ProxyDraft? LastDefaults { get; set; }

    public Dictionary<string, ProxyDraft> NamedDefaults { get; } = new(StringComparer.Ordinal);

    /// <summary>Names that several `defaults` sections bear: none of those may be referred to.</summary>
    public HashSet<string> AmbiguousDefaults { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of `peers` sections: a stick table may only name one of these.</summary>
    public HashSet<string> PeersSections { get; } = new(StringComparer.Ordinal);

    /// <summary>Listening addresses so far, for <see cref="ReaderLimits.Listeners"/>.</summary>
    public int Listeners { get; set; }

    /// <summary>Values read from ACL files so far, for <see cref="ReaderLimits.FilePatterns"/>.</summary>
    public int FilePatterns { get; set; }
}
