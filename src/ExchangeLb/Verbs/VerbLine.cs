using System;
using System.CommandLine;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Config.Keywords;

namespace ExchangeLb.Verbs;

/// <summary>
/// `exchangelb VERB …`: asks or tells the node that runs on this host. The first word decides; where it is no verb, the line is HAProxy's.
/// </summary>
internal static class VerbLine
{
    /// <summary>Only words: a balancer that starts has no time to make commands which it does not need.</summary>
    private static readonly string[] Verbs = ["status", "switchover", "standby", "unstandby", "reload", "events", SetupVerb.Name];

    public static bool IsVerb(string[] words) => words.Length > 0 && Verbs.AsSpan().Contains(words[0]);

    /// <summary>What is said of a word that is no verb.</summary>
    public static string Unknown(string word) => NearestWord.Find(word, Verbs) is { } nearest
        ? $"exchangelb: '{word}' is no verb; did you mean '{nearest}'?"
        : $"exchangelb: '{word}' is no verb; there are: {string.Join(", ", Verbs)}";

    public static RootCommand Make()
    {
        RootCommand program = new("ExchangeLb: a load balancer that runs an ordinary haproxy.cfg");
        NodeOptions node = new();
        foreach (Command verb in (Command[])[StatusVerb.Make(node), .. OrderVerbs.Make(node), EventsVerb.Make(node), SetupVerb.Make()])
        {
            program.Add(verb);
        }
        return program;
    }

    public static async Task<int> RunAsync(string[] words, CancellationToken stop = default)
    {
        ParseResult line = Make().Parse(words);
        if (line.Errors.Count > 0)
        {
            foreach (string message in line.Errors.Select(error => error.Message).Distinct())
            {
                Complain(words[0], message);
            }
            await Console.Error.WriteLineAsync($"See: exchangelb {words[0]} --help").ConfigureAwait(false);
            return VerbExit.Usage;
        }
        return await line.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, stop).ConfigureAwait(false);
    }

    /// <summary>One line for people, on standard error.</summary>
    public static void Complain(string verb, string problem) => Console.Error.WriteLine($"exchangelb {verb}: {problem}");
}
