using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using ExchangeLb.Config;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Fuzz.Targets;

/// <summary>The reader of haproxy.cfg. Either there is a model, or at least one alert says why not.</summary>
internal sealed class ConfigurationTarget : FuzzTarget
{
    internal static readonly ReaderOptions NoHost = new()
    {
        Environment = name => name.Length % 2 == 0 ? name : null,
        Resolve = name => name.Length % 3 == 0 ? [] : [IPAddress.Loopback],
        ReadTextFile = name => name.Length % 2 == 0 ? "10.0.0.0/8\n192.168.1.1\n" : null,
        UserId = _ => 1,
        GroupId = _ => null,
        HostName = "fuzz",
    };

    public override string Name => "configuration";

    public override IReadOnlyList<byte[]> Seeds { get; } = ReadSeeds();

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "\nlisten ", "\nfrontend ", "\nbackend ", "\ndefaults ", "\nglobal\n", " if ", " unless ", "{ src 10.0.0.0/8 }", "\nacl a src ", "\"", "'",
        "\\", "\\x41", "${HOME}", "${X-default}", "\"${A[*]}\"", "#", "\t", " check", " inter 1", "1m", "3h", "99999d", "20k", "2g",
        ".if defined(X)\n", ".elif true\n", ".else\n", ".endif\n", "no ", "default-server ", "bind :1-65535", "bind :::443 v4v6", "fd@3", "+80", "-1",
        "\nserver s 10.0.0.1:443 ", "\nstick-table type ip size ", "\nstick on src table ", "\nuse_backend b if ", "!", "||", "or",
    ];

    public override void Run(byte[] input, Random random)
    {
        var diagnostics = new DiagnosticList();
        LoadBalancerModel? model = ConfigurationReader.ReadText("fuzz.cfg", input, NoHost, diagnostics);
        if (model is null != diagnostics.HasAlerts)
        {
            throw new InvalidOperationException($"model: {model is not null}, alerts: {diagnostics.AlertCount}");
        }
        foreach (Diagnostic diagnostic in diagnostics.Items)
        {
            if (diagnostic.Message.Length == 0)
            {
                throw new InvalidOperationException("a message without words");
            }
        }
    }

    /// <summary>Port ranges spread out: 64 k binds of a few hundred bytes each, for a line of 20.</summary>
    public override long AllocationLimit(int length) => (256L << 20) + (20_000L * length);

    private static byte[][] ReadSeeds()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "ExchangeLb.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("run it inside the repository");
        }
        string[] files = Directory.GetFiles(root, "*.cfg", SearchOption.AllDirectories);
        return [.. files.Where(file => !file.Contains("/bin/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
            Encoding.ASCII.GetBytes("listen x\n")];
    }
}
