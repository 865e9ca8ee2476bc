using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Config.Sections;

/// <summary>Lines that begin with a dot: conditional blocks and messages (configuration.txt, 2.4).</summary>
internal static class DirectiveLine
{
    /// <summary>False: it is no directive.</summary>
    public static bool TryRead(ReadingContext context, SourcePlace place, IReadOnlyList<Word> words, ConditionalBlocks blocks)
    {
        string text = string.Join(' ', words.Skip(1).Select(word => word.Text));
        switch (words[0].Text)
        {
            case ".if":
                ReadIf(context, place, text, blocks);
                return true;
            case ".elif":
                if (HasOpenBlock(context, place, ".elif", blocks))
                {
                    blocks.ElseIf(blocks.ElseIsOpen && Evaluate(context, place, ".elif", text));
                }
                return true;
            case ".else":
                ExpectNothing(context, place, ".else", text);
                if (HasOpenBlock(context, place, ".else", blocks))
                {
                    blocks.Else();
                }
                return true;
            case ".endif":
                ReadEndIf(context, place, text, blocks);
                return true;
            case ".notice" or ".warning" or ".alert" or ".diag":
                Report(context.Diagnostics, place, words[0].Text, text, blocks.Alive);
                return true;
            default:
                return false;
        }
    }

    private static void ReadIf(ReadingContext context, SourcePlace place, string text, ConditionalBlocks blocks)
    {
        if (blocks.Depth == ReaderLimits.ConditionDepth)
        {
            context.Diagnostics.Alert(place, $"'.if' is nested more than {ReaderLimits.ConditionDepth} deep; join conditions by '&&'");
            return;
        }
        blocks.If(blocks.Alive && Evaluate(context, place, ".if", text));
    }

    private static bool HasOpenBlock(ReadingContext context, SourcePlace place, string directive, ConditionalBlocks blocks)
    {
        bool open = blocks.Depth > 0 && !blocks.SawElse;
        if (!open)
        {
            context.Diagnostics.Alert(place,
                blocks.Depth == 0
                    ? $"'{directive}' stands without '.if'; remove it" : $"'{directive}' stands behind '.else'; put it before");
        }
        return open;
    }

    private static void ReadEndIf(ReadingContext context, SourcePlace place, string text, ConditionalBlocks blocks)
    {
        ExpectNothing(context, place, ".endif", text);
        if (blocks.Depth == 0)
        {
            context.Diagnostics.Alert(place, "'.endif' stands without '.if'; remove it");
            return;
        }
        blocks.EndIf();
    }

    private static bool Evaluate(ReadingContext context, SourcePlace place, string directive, string text)
    {
        bool? result = ConditionExpression.Evaluate(text, context.Variables, out int errorAt);
        if (result is null)
        {
            context.Diagnostics.Alert(place, $"'{directive}' has a condition that can't be understood at position {errorAt + 1}: '{text}'; "
                + "use 0, 1, defined(), feature(), streq(), strneq(), version_atleast(), version_before(), !, &&, ||");
        }
        return result ?? false;
    }

    private static void ExpectNothing(ReadingContext context, SourcePlace place, string directive, string text)
    {
        if (text.Length > 0)
        {
            context.Diagnostics.Alert(place, $"'{directive}' does not take '{text}'; remove that");
        }
    }

    private static void Report(DiagnosticList diagnostics, SourcePlace place, string directive, string text, bool alive)
    {
        if (!alive)
        {
            return;
        }
        text = text.Length > 0 ? text : $"'{directive}' has no text";
        switch (directive)
        {
            case ".alert":
                diagnostics.Alert(place, text);
                break;
            case ".warning":
                diagnostics.Warning(place, text);
                break;
            case ".notice":
                diagnostics.Notice(place, text);
                break;
            default:
                // .diag speaks in diagnostic mode only (-dD), which we don't have.
                break;
        }
    }
}
