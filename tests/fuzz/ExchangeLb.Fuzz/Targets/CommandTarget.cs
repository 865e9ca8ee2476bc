using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Threading.Tasks;
using ExchangeLb.Admin.Commands;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Fuzz.Targets;

/// <summary>Lines to the stats socket, as an administrator: read, run against a load balancer at work, answered.</summary>
internal sealed class CommandTarget(LiveBalancer live) : FuzzTarget
{
    public override string Name => "command";

    public override IReadOnlyList<byte[]> Seeds { get; } = Bytes(
        "show info\n", "show stat\n", "show stat -1 4 -1\n", "show table e2k13 data.server_id eq 1\n", "show table e2k13 key 10.0.0.1\n", "help\n",
        "set server e2k13/exchange1 state maint\n", "set server e2k13/exchange1 weight 50%\n", "set weight e2k13/exchange2 10\n",
        "enable server e2k13/exchange1;disable server e2k13/exchange2\n", "clear table e2k13 key 10.0.0.1\n", "clear counters all\n", "show servers state\n",
        "prompt\nshow info\n", "set timeout cli 10\n", "set server e2k13/exchange1 health up\n", "show info json\n", "get weight e2k13/exchange1\n");

    public override IReadOnlyList<string> Tokens { get; } =
        [";", "\n", "\\", " ", "show ", "set ", "server ", "table ", "e2k13", "e2k13/exchange1", "#1", "/", "data.", "key ", "weight ", "%", "state ", "ready", "drain", "maint", "typed", "json", "desc"];

    /// <summary>Pages of tables and statistics may be asked for some thousand times in one line.</summary>
    public override long AllocationLimit(int length) => (8L << 20) + (200_000L * length);

    public override void Run(byte[] input, Random random)
    {
        using var lines = new LineBuffer();
        using var output = new Utf8Writer();
        var session = new CommandSession(RuntimeLevel.Admin, TimeSpan.FromSeconds(10));
        var call = new CommandCall([], live.Runtime, session, TimeProvider.System, output, () =>
        {
            output.Clear();
            return ValueTask.CompletedTask;
        });
        InPieces(input, random, piece =>
        {
            for (ReadOnlyMemory<byte> rest = piece; rest.Length > 0 && !lines.IsFull;)
            {
                Memory<byte> room = lines.Room();
                int taken = Math.Min(room.Length, rest.Length);
                rest[..taken].CopyTo(room);
                lines.Received(taken);
                rest = rest[taken..];
                while (lines.TakeLine() is { } line)
                {
                    Answer(call, line);
                }
            }
            return !lines.IsFull && !session.Ended;
        });
    }

    private static void Answer(CommandCall call, string line)
    {
        foreach (ImmutableArray<string> words in CommandLine.Split(line))
        {
            CommandRunner.RunAsync(call, words).AsTask().GetAwaiter().GetResult();
            if (call.Session.Ended)
            {
                return;
            }
            if (call.Output.Length > 4 * CommandLimits.FlushBytes)
            {
                throw new InvalidDataException($"{call.Output.Length} bytes of an answer are in memory");
            }
        }
        call.Output.Clear();
    }
}
