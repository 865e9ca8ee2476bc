using System;
using System.Text;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Sections;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Config.Cluster;

/// <summary>cluster.cfg -> words -> the cluster section -> model, by the lexer and the keyword tables that haproxy.cfg is read by.</summary>
public static class ClusterConfigurationReader
{
    /// <summary>Reports everything found, in one go.</summary>
    /// <returns>Null when there were alerts.</returns>
    public static ClusterModel? Read(string path, ReaderOptions options, DiagnosticList diagnostics) =>
        SourceFile.Read(path, diagnostics) is { } bytes ? ReadText(path, bytes, options, diagnostics) : null;

    /// <summary>Same for a text in memory.</summary>
    public static ClusterModel? ReadText(string fileName, string text, ReaderOptions options, DiagnosticList diagnostics) =>
        ReadText(fileName, Encoding.UTF8.GetBytes(text), options, diagnostics);

    /// <summary>Same for the bytes of a file.</summary>
    public static ClusterModel? ReadText(string fileName, ReadOnlyMemory<byte> bytes, ReaderOptions options, DiagnosticList diagnostics)
    {
        // The list may hold alerts of haproxy.cfg already; whether this file is right does not depend on them.
        DiagnosticList found = new();
        ClusterModel? model = Read(new(options, found), fileName, bytes);
        foreach (Diagnostic item in found.Items)
        {
            diagnostics.Add(item);
        }
        return model;
    }

    private static ClusterModel? Read(ReadingContext context, string fileName, ReadOnlyMemory<byte> bytes)
    {
        ClusterGrammar grammar = new();
        new FileReading(context, grammar, fileName).Read(SourceLines.Cut(fileName, bytes, context.Diagnostics));
        if (!grammar.Begun && !context.Diagnostics.HasAlerts)
        {
            context.Diagnostics.Alert(new(fileName, 0), $"there is no cluster in it; {grammar.Opening}");
        }
        if (grammar.Draft is not { } draft)
        {
            return null;
        }
        new ClusterChecks(draft, context.Diagnostics).Run();
        if (context.Diagnostics.HasAlerts)
        {
            return null;
        }
        ClusterModel model = ClusterBuilder.Build(draft);
        if (model.Nodes.Length > 1 && context.Options.KeyFileProblem(model.KeyFile) is { } problem)
        {
            context.Diagnostics.Warning(draft.KeyFile?.Place ?? draft.Place, $"{draft.Title}: {problem}");
        }
        return model;
    }
}
