using System;
using System.Collections.Generic;
using System.Globalization;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Sections;
using ExchangeLb.Config.Values;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Keywords;

/// <summary>`no`/`default` in front of a keyword.</summary>
internal enum Modifier
{
    None,
    No,
    Default,
}

/// <summary>
/// The words of one line after its keyword, taken one by one, and the line's voice: every message names section, word and remedy, and
/// its place is the line's.
/// </summary>
internal sealed class Arguments(ReadingContext context, SourcePlace place, string section, IReadOnlyList<Word> words)
{
    private int _next;

    public ReadingContext Context => context;

    public SourcePlace Place => place;

    /// <summary>`listen 'e2k13'`.</summary>
    public string Section => section;

    /// <summary>The words that named the keyword, for messages.</summary>
    public string Keyword { get; set; } = "";

    public Modifier Modifier { get; init; }

    public bool Negated => Modifier != Modifier.None;

    public bool HasMore => _next < words.Count;

    public int Remaining => words.Count - _next;

    /// <summary>The next word without taking it; empty at the end.</summary>
    public string Peek => HasMore ? words[_next].Text : "";

    /// <summary>The next word; empty at the end.</summary>
    public string Take() => HasMore ? words[_next++].Text : "";

    /// <summary>Takes the next word when it is this one.</summary>
    public bool TakeIf(string word)
    {
        bool isNext = HasMore && Peek == word;
        _next += isNext ? 1 : 0;
        return isNext;
    }

    public IEnumerable<string> TakeAll()
    {
        while (HasMore)
        {
            yield return Take();
        }
    }

    /// <summary>All the rest as one text.</summary>
    public string TakeText() => string.Join(' ', TakeAll());

    public void SkipAll() => _next = words.Count;

    public void Alert(string problem, string remedy) => context.Diagnostics.Alert(place, Message(problem, remedy));

    public void Warning(string problem, string remedy) => context.Diagnostics.Warning(place, Message(problem, remedy));

    public void Notice(string problem, string remedy) => context.Diagnostics.Notice(place, Message(problem, remedy));

    /// <summary>A whole number within bounds; otherwise alerts and gives false.</summary>
    public bool TryInteger(int low, int high, out int value)
    {
        string text = Take();
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= low && value <= high)
        {
            return true;
        }
        string bounds = high == int.MaxValue ? $"{low} and up" : $"{low} to {high}";
        Alert($"takes a whole number, not '{text}'", $"write one from {bounds}");
        return false;
    }

    /// <summary>A time (configuration.txt, 2.5), plain numbers being <paramref name="unit"/>.</summary>
    public bool TryTime(out TimeSpan value, TimeUnit unit = TimeUnit.Milliseconds)
    {
        string text = Take();
        TimeTextError error = TimeText.Parse(text, unit, out value);
        switch (error)
        {
            case TimeTextError.None:
                return true;
            case TimeTextError.TooLong:
                Alert($"'{text}' is too long a time", "the longest is 2147483647 ms, about 24.8 days");
                return false;
            default:
                Alert($"takes a time, not '{text}'", "write a number and a unit: us, ms, s, m, h or d");
                return false;
        }
    }

    /// <summary>A number with an optional k, m or g (powers of 1,024).</summary>
    public bool TrySize(int low, out int value)
    {
        string text = Take();
        if (SizeText.TryParse(text, out long size) && size >= low && size <= int.MaxValue)
        {
            value = (int)size;
            return true;
        }
        value = 0;
        Alert($"takes a size, not '{text}'", $"write a number from {low} to {int.MaxValue}, with k, m or g for powers of 1024");
        return false;
    }

    /// <summary>A word that must be there.</summary>
    public bool TryText(string what, out string value)
    {
        value = Take();
        if (value.Length > 0)
        {
            return true;
        }
        Alert($"lacks its {what}", $"write it behind the word");
        return false;
    }

    /// <summary>Alerts when a name is longer than <see cref="ReaderLimits.NameLength"/>.</summary>
    public bool NameFits(string name)
    {
        if (name.Length <= ReaderLimits.NameLength)
        {
            return true;
        }
        Alert($"has a name of {name.Length} characters", $"use at most {ReaderLimits.NameLength}");
        return false;
    }

    /// <summary>The next word as a name; empty when there is none, or after an alert when it is too long.</summary>
    public string TakeName()
    {
        string name = Take();
        return NameFits(name) ? name : "";
    }

    /// <summary>Anything left over is an error, as in HAProxy.</summary>
    public bool ExpectEnd()
    {
        if (!HasMore)
        {
            return true;
        }
        Alert($"does not take '{Peek}'", "remove it, or quote or escape spaces that belong to an argument");
        SkipAll();
        return false;
    }

    private string Message(string problem, string remedy) => $"{section}: '{Keyword}' {problem}; {remedy}";
}
