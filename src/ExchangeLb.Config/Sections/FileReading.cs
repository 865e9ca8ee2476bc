using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Sections;

/// <summary>
/// Reads one file line by line: words, directives, sections. A line is run before the next is cut into words, since `setenv` changes
/// what the next one's variables mean.
/// </summary>
internal sealed class FileReading(ReadingContext context, Grammar grammar, string file)
{
    private readonly WordSplitter _splitter = new(context.Variables);
    private readonly ConditionalBlocks _blocks = new();
    private Section? _section;

    public void Read(IEnumerable<string> lines)
    {
        (context.Variables.File, context.Variables.Section) = (file, "");
        (int alerts, int messages) = (context.Diagnostics.AlertCount, context.Diagnostics.Items.Count);
        int number = 0;
        foreach (string line in lines)
        {
            SourcePlace place = new(file, ++number);
            if (context.Diagnostics.AlertCount - alerts >= ReaderLimits.Alerts
                || context.Diagnostics.Items.Count - messages >= ReaderLimits.Messages)
            {
                context.Diagnostics.Alert(place,
                    "so many errors or warnings are enough, the rest of the file is not read; mend those above first");
                break;
            }
            context.Variables.Line = number;
            ReadLine(place, line);
        }
        _section?.Close(context);
        if (_blocks.Depth > 0)
        {
            context.Diagnostics.Alert(new(file, number), "an '.if' is not closed; add '.endif'");
        }
    }

    private void ReadLine(SourcePlace place, string line)
    {
        if (line.AsSpan().TrimStart().StartsWith("["))
        {
            context.Diagnostics.Alert(place, "scopes in brackets are known, but not supported; remove the line");
            return;
        }
        SplitError error = _splitter.Split(line);
        if (error != SplitError.None)
        {
            context.Diagnostics.Alert(place, Describe(error, _splitter.ErrorColumn));
            return;
        }
        IReadOnlyList<Word> words = _splitter.Words;
        if (words.Count == 0 || words[0].Text.Length == 0 || DirectiveLine.TryRead(context, place, words, _blocks) || !_blocks.Alive)
        {
            return;
        }
        Modifier modifier = words[0].Text switch
        {
            "no" => Modifier.No,
            "default" => Modifier.Default,
            _ => Modifier.None,
        };
        Run(place, [.. words.Skip(modifier == Modifier.None ? 0 : 1)], modifier);
    }

    private void Run(SourcePlace place, IReadOnlyList<Word> words, Modifier modifier)
    {
        string first = words.Count > 0 ? words[0].Text : "";
        if (modifier != Modifier.None && !grammar.IsNegatable(first))
        {
            context.Diagnostics.Alert(place,
                $"'no' and 'default' can't precede '{first}'; {grammar.NegationRemedy}");
        }
        else if (grammar.IsSection(first))
        {
            _section?.Close(context);
            _section = grammar.Open(context, place, words);
            context.Variables.Section = _section.VariableValue;
        }
        else if (_section is null)
        {
            ReportNoSection(place, first);
        }
        else
        {
            _section.Read(context, place, words, modifier);
        }
    }

    private void ReportNoSection(SourcePlace place, string word)
    {
        string remedy = word.StartsWith('\uFEFF') ? "save the file without a byte order mark"
            : grammar.RemedyElsewhere(word) is { } elsewhere ? elsewhere
            : NearestWord.Find(word, grammar.SectionWords) is { } nearest ? $"did you mean '{nearest}'?"
            : grammar.Opening;
        context.Diagnostics.Alert(place, $"'{word}' stands outside of any section; {remedy}");
    }

    private static string Describe(SplitError error, int column) => error switch
    {
        SplitError.UnmatchedQuote => $"the quote at position {column} is not closed; close it, or escape it by a backslash",
        SplitError.UnmatchedBrace => $"the brace of the variable at position {column} is not closed; write \"${{NAME}}\"",
        SplitError.ForbiddenVariableName =>
            $"the variable at position {column} has no valid name; begin it with a letter or '_', or write '\\$' for a dollar sign",
        SplitError.BadHexadecimal => $"'\\x' at position {column} lacks two hexadecimal digits; write for example \\x20",
        SplitError.BadWordExpansion => $"the variable has '[' at position {column} but not '[*]'; write \"${{NAME[*]}}\"",
        SplitError.TooManyWords =>
            $"more than {ReaderLimits.WordsPerLine} words, counted up to position {column}; quote what belongs together, or write several lines",
        SplitError.TooManyVariables =>
            $"variables have put more than {ReaderLimits.VariableCharacters >> 20} million characters into the configuration; shorten them",
        _ => $"the line is longer than {ReaderLimits.LineLength} characters; shorten it",
    };
}
