using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ExchangeLb.Config.Tests;

/// <summary>Whatever is read, the reader ends in bounded time and memory, tells where, and tells the same twice. FsCheck prints the seed of a failure.</summary>
public sealed class ReaderPropertyTests
{
    /// <summary>More than any text of the sizes below needs on a busy machine, far less than a hang.</summary>
    private static readonly TimeSpan LongestReading = TimeSpan.FromSeconds(20);

    internal static readonly byte[][] Valid = [.. Directory.EnumerateFiles(GoldenFolder.Path, "*.cfg").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    /// <summary>Words and characters that mean something, so that random texts get past the first line.</summary>
    internal static readonly string[] Pieces =
    [
        "global", "defaults", "frontend", "backend", "listen", "from", "bind", "server", "timeout", "client", "option", "tcplog", "stick-table", "stick", "on", "src",
        "acl", "use_backend", "if", "unless", "{", "}", "!", "||", "stats", "socket", "log", "no", "default", "\"", "'", "\\", "\\x", "$", "${", "}", "[*]", "-", "#",
        ".if", ".elif", ".else", ".endif", "(", ")", "&&", "defined(", "127.0.0.1:443", ":1-65535", "::", "[::1]:", "1", "0", "20k", "15m", "99999999999", "\n", "\n", "\n ", "\t",
        "\r", "\0", "é", "\uFEFF", "setenv", "A", "\"${A}${A}${A}\"", "nbsrv(a)", "-f", "/networks.txt", "mode", "http", "a", "b", "with", "size", "type", "ip",
    ];

    [Property(MaxTest = 300)]
    public bool Random_bytes_are_read_to_an_end(byte[] bytes) => EndsWell(bytes);

    [Property(MaxTest = 400)]
    public Property Random_words_are_read_to_an_end() => Prop.ForAll(Texts, text => EndsWell(Encoding.UTF8.GetBytes(text)));

    [Property(MaxTest = 600)]
    public Property Mutated_configurations_are_read_to_an_end() => Prop.ForAll(Mutants, EndsWell);

    private static Arbitrary<string> Texts => Gen.Elements(Pieces).Zip(Gen.Elements("", " ", " ", "\n"), (piece, blank) => piece + blank)
        .ListOf().Select(pieces => string.Concat(pieces)).ToArbitrary();

    private static Arbitrary<byte[]> Mutants =>
        (from original in Gen.Elements(Valid)
         from seed in Gen.Choose(0, int.MaxValue)
         select Mutate(original, new System.Random(seed))).ToArbitrary();

    /// <summary>Some bytes changed, removed, doubled, or replaced by a meaningful piece.</summary>
    internal static byte[] Mutate(byte[] original, System.Random random)
    {
        List<byte> bytes = [.. original];
        for (int change = random.Next(1, 8); change > 0 && bytes.Count > 0; change--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 20), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, [.. bytes.Skip(at).Take(length)]);
                    break;
                case 3:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }
        return [.. bytes];
    }

    internal static bool EndsWell(byte[] bytes)
    {
        (LoadBalancerModel? model, DiagnosticList first) = Read(bytes);
        (_, DiagnosticList second) = Read(bytes);
        bool placed = first.Items.All(item => item.Place is { File: "random.cfg", Line: >= 0 } && item.Message.Length > 0);
        bool same = first.Items.SequenceEqual(second.Items);
        bool bounded = first.Items.Count <= 1_000 + (bytes.Length * 2);
        return placed && same && bounded && model is null == first.HasAlerts;
    }

    private static (LoadBalancerModel? Model, DiagnosticList Diagnostics) Read(byte[] bytes)
    {
        DiagnosticList diagnostics = new();
        LoadBalancerModel? model = null;
        // A thread of its own, so that an endless reading fails the test in place of hanging it.
        System.Threading.Thread reader = new(() => model = ConfigurationReader.ReadText("random.cfg", bytes, Reading.Hermetic, diagnostics)) { IsBackground = true };
        reader.Start();
        return reader.Join(LongestReading) ? (model, diagnostics) : throw new TimeoutException("the reader hangs");
    }
}
