using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using ExchangeLb.Config.Building;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Sections;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Config;

/// <summary>
/// haproxy.cfg -> words -> sections -> model. 1. Each file is cut into lines and words. 2. Each line is a row of its section's keyword
/// table and changes a draft. 3. The drafts are checked against each other. 4. The model is built from them.
/// </summary>
public static class ConfigurationReader
{
    /// <summary>
    /// Reads all files in order; a directory stands for its *.cfg files sorted by name, as with `haproxy -f DIR`. Reports everything
    /// found, in one go.
    /// </summary>
    /// <returns>
    /// Null when there were alerts. A model without any <see cref="BindModel"/> is possible: HAProxy calls it valid, but exits with 2.
    /// </returns>
    public static LoadBalancerModel? Read(IReadOnlyList<string> paths, ReaderOptions options, DiagnosticList diagnostics)
    {
        List<string> files = [.. paths.SelectMany(path => Files(path, diagnostics))];
        ReadingContext context = NewContext(options, diagnostics, files);
        foreach (string file in files)
        {
            if (SourceFile.Read(file, diagnostics) is { } bytes)
            {
                ReadFile(context, file, bytes);
            }
        }
        return ModelBuilder.Build(context);
    }

    /// <summary>Same for a text in memory.</summary>
    public static LoadBalancerModel? ReadText(string fileName, string text, ReaderOptions options, DiagnosticList diagnostics) =>
        ReadText(fileName, Encoding.UTF8.GetBytes(text), options, diagnostics);

    /// <summary>Same for the bytes of one file.</summary>
    public static LoadBalancerModel? ReadText(
        string fileName, ReadOnlyMemory<byte> bytes, ReaderOptions options, DiagnosticList diagnostics)
    {
        ReadingContext context = NewContext(options, diagnostics, [fileName]);
        ReadFile(context, fileName, bytes);
        return ModelBuilder.Build(context);
    }

    private static void ReadFile(ReadingContext context, string file, ReadOnlyMemory<byte> bytes) =>
        new FileReading(context, new HaproxyGrammar(), file).Read(SourceLines.Cut(file, bytes, context.Diagnostics));

    private static ReadingContext NewContext(ReaderOptions options, DiagnosticList diagnostics, IReadOnlyList<string> files)
    {
        ReadingContext context = new(options, diagnostics);
        // Variables that HAProxy itself defines (configuration.txt, 2.3).
        context.Variables.Set("HAPROXY_LOCALPEER", options.LocalPeer ?? options.HostName);
        context.Variables.Set("HAPROXY_CFGFILES", string.Join(';', files));
        return context;
    }

    private static IReadOnlyList<string> Files(string path, DiagnosticList diagnostics)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }
        try
        {
            IEnumerable<string> files = Directory.EnumerateFiles(path, "*.cfg").Where(file => Path.GetFileName(file)[0] != '.');
            return [.. files.Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            diagnostics.Alert(new(path, 0), $"the directory can't be read ({exception.Message}); check path and permissions");
            return [];
        }
    }
}
