using System;
using System.Collections.Generic;
using System.Globalization;

namespace ExchangeLb.Config.Lexing;

/// <summary>
/// The condition of `.if` and `.elif` (configuration.txt, 2.4): integers, predicates, `!`, `&amp;&amp;` before `||`, parentheses.
/// We answer as HAProxy 2.6 without TLS would.
/// </summary>
internal sealed class ConditionExpression
{
    private const int DeepestNesting = 128;

    /// <summary>The version whose language this is.</summary>
    private static readonly int[] LanguageVersion = [2, 6, 12];

    private static readonly HashSet<string> Features = new(StringComparer.Ordinal) { "EPOLL", "GETADDRINFO", "LINUX_SPLICE", "LINUX_TPROXY",
        "THREAD" };

    private readonly VariableScope _variables;
    private readonly string _text;
    private int _at;
    private int _depth;

    private ConditionExpression(string text, VariableScope variables) => (_text, _variables) = (text, variables);

    /// <summary>Null: it can't be understood from <paramref name="errorAt"/> (0-based) on.</summary>
    public static bool? Evaluate(string text, VariableScope variables, out int errorAt)
    {
        ConditionExpression expression = new(text, variables);
        bool? result = string.IsNullOrWhiteSpace(text) ? false : expression.Or();
        expression.SkipBlanks();
        errorAt = expression._at;
        return string.IsNullOrWhiteSpace(text) || errorAt == text.Length ? result : null;
    }

    private bool? Or()
    {
        bool? result = And();
        while (result is { } left && Accept("||"))
        {
            result = And() is { } right ? left || right : null;
        }
        return result;
    }

    private bool? And()
    {
        bool? result = Term();
        while (result is { } left && Accept("&&"))
        {
            result = Term() is { } right ? left && right : null;
        }
        return result;
    }

    private bool? Term()
    {
        bool negated = false;
        while (Accept("!"))
        {
            negated = !negated;
        }
        return Operand() is { } value ? value != negated : null;
    }

    private bool? Operand()
    {
        if (Accept("("))
        {
            bool? inner = ++_depth <= DeepestNesting ? Or() : null;
            _depth--;
            return inner is not null && Accept(")") ? inner : null;
        }
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-'))
        {
            _at++;
        }
        string word = _text[start.._at];
        if (int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            return number != 0;
        }
        int close = _at < _text.Length && _text[_at] == '(' ? _text.IndexOf(')', _at) : -1;
        bool? value = close < 0 ? null : Predicate(word, _text[(_at + 1)..close].Split(','));
        _at = value is null ? start : close + 1;
        return value;
    }

    private bool? Predicate(string name, string[] arguments) => (name, arguments.Length) switch
    {
        ("defined", 1) => _variables.Find(arguments[0].Trim()) is not null,
        ("feature", 1) => Features.Contains(arguments[0].Trim()),
        ("streq", 2) => arguments[0] == arguments[1],
        ("strneq", 2) => arguments[0] != arguments[1],
        ("version_atleast", 1) => CompareVersion(arguments[0].Trim()) is { } order ? order >= 0 : null,
        ("version_before", 1) => CompareVersion(arguments[0].Trim()) is { } order ? order < 0 : null,
        _ => null,
    };

    /// <summary>Sign of the language's version less the one given; missing parts are 0, `-devN` comes before the release.</summary>
    private static int? CompareVersion(string text)
    {
        string[] parts = text.Split('-')[0].Split('.');
        for (int i = 0; i < LanguageVersion.Length; i++)
        {
            int part = 0;
            if (i < parts.Length && !int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out part))
            {
                return null;
            }
            if (part != LanguageVersion[i])
            {
                return LanguageVersion[i].CompareTo(part);
            }
        }
        return text.Contains("-dev", StringComparison.Ordinal) ? 1 : 0;
    }

    private bool Accept(string token)
    {
        SkipBlanks();
        bool found = _text.AsSpan(_at).StartsWith(token);
        _at += found ? token.Length : 0;
        return found;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t')
        {
            _at++;
        }
    }
}
