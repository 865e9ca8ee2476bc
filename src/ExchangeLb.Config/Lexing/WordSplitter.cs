using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace ExchangeLb.Config.Lexing;

/// <summary>Why a line could not be cut into words.</summary>
internal enum SplitError
{
    None,
    UnmatchedQuote,
    UnmatchedBrace,
    ForbiddenVariableName,
    BadHexadecimal,
    BadWordExpansion,
    TooManyWords,
    TooLong,
    TooManyVariables,
}

/// <summary>
/// Cuts a line into words (configuration.txt, 2.2 and 2.3): blanks separate, <c>#</c> begins a comment, <c>\</c> escapes,
/// <c>"weak"</c> quotes still expand variables, <c>'strong'</c> quotes expand nothing.
/// </summary>
internal sealed class WordSplitter(VariableScope variables)
{
    private readonly StringBuilder _word = new();
    private readonly List<Word> _words = [];
    private string _line = "";
    private int _at;
    private int _wordColumn;
    private int _length;

    /// <summary>The words of the last line split; as many as were found before an error.</summary>
    public IReadOnlyList<Word> Words => _words;

    /// <summary>Column, from 1, of the last error.</summary>
    public int ErrorColumn { get; private set; }

    public SplitError Split(string line)
    {
        (_line, _at, _length) = (line, 0, 0);
        _words.Clear();
        _word.Clear();
        _wordColumn = 0;
        if (line.Length > ReaderLimits.LineLength)
        {
            return Fail(SplitError.TooLong, ReaderLimits.LineLength);
        }
        SplitError error = Scan();
        if (error == SplitError.None && !EndWord())
        {
            error = Fail(SplitError.TooManyWords, _wordColumn - 1);
        }
        return error;
    }

    private SplitError Scan()
    {
        int weakQuote = -1;
        int strongQuote = -1;
        while (_at < _line.Length)
        {
            char c = _line[_at];
            bool quoted = weakQuote >= 0 || strongQuote >= 0;
            SplitError error = SplitError.None;
            if (c is '\n' or '\r' || (c == '#' && !quoted))
            {
                break;
            }
            if (c == '"' && strongQuote < 0)
            {
                weakQuote = Toggle(weakQuote);
            }
            else if (c == '\'' && weakQuote < 0)
            {
                strongQuote = Toggle(strongQuote);
            }
            else if (c == '\\' && strongQuote < 0)
            {
                error = Escape();
            }
            else if (IsBlank(c) && !quoted)
            {
                if (!EndWord())
                {
                    return Fail(SplitError.TooManyWords, _wordColumn - 1);
                }
                _at++;
            }
            else if (c == '$' && weakQuote >= 0)
            {
                error = Variable();
            }
            else
            {
                error = Emit(c);
                _at++;
            }
            if (error != SplitError.None)
            {
                return error;
            }
        }
        int open = Math.Max(weakQuote, strongQuote);
        return open >= 0 ? Fail(SplitError.UnmatchedQuote, open) : SplitError.None;
    }

    private static bool IsBlank(char c) => c is ' ' or (>= '\t' and <= '\r');

    private int Toggle(int quote)
    {
        BeginWord();
        int now = quote < 0 ? _at : -1;
        _at++;
        return now;
    }

    /// <summary>A backslash: before any character not listed it stands for itself.</summary>
    private SplitError Escape()
    {
        char next = _at + 1 < _line.Length ? _line[_at + 1] : '\0';
        if (next == 'x')
        {
            return Hexadecimal();
        }
        (char meant, int used) = next switch
        {
            ' ' or '\\' or '#' or '\'' or '"' or '$' => (next, 2),
            't' => ('\t', 2),
            'n' => ('\n', 2),
            'r' => ('\r', 2),
            _ => ('\\', 1),
        };
        SplitError error = Emit(meant);
        _at += used;
        return error;
    }

    private SplitError Hexadecimal()
    {
        if (_at + 3 >= _line.Length
            || !byte.TryParse(_line.AsSpan(_at + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
        {
            return Fail(SplitError.BadHexadecimal, _at);
        }
        SplitError error = Emit((char)value);
        _at += 4;
        return error;
    }

    /// <summary><c>$NAME</c>, <c>${NAME}</c>, <c>${NAME-default}</c> or <c>${NAME[*]}</c> inside weak quotes.</summary>
    private SplitError Variable()
    {
        BeginWord();
        int start = _at++;
        bool braced = _at < _line.Length && _line[_at] == '{';
        _at += braced ? 1 : 0;
        int nameStart = _at;
        if (_at >= _line.Length || !(char.IsAsciiLetter(_line[_at]) || _line[_at] is '_' or '.'))
        {
            return Fail(SplitError.ForbiddenVariableName, _at);
        }
        _at++;
        while (_at < _line.Length && (char.IsAsciiLetterOrDigit(_line[_at]) || _line[_at] == '_'))
        {
            _at++;
        }
        string? value = variables.Find(_line[nameStart.._at]);
        bool asWords = false;
        if (braced)
        {
            SplitError error = CloseBrace(start, ref value, out asWords);
            if (error != SplitError.None)
            {
                return error;
            }
        }
        return variables.TryCount(value) ? Insert(value ?? "", asWords) : Fail(SplitError.TooManyVariables, start);
    }

    private SplitError CloseBrace(int start, ref string? value, out bool asWords)
    {
        asWords = false;
        if (_at < _line.Length && _line[_at] == '-')
        {
            int end = _line.IndexOf('}', _at);
            if (end < 0)
            {
                return Fail(SplitError.UnmatchedBrace, start);
            }
            value ??= _line[(_at + 1)..end];
            _at = end;
        }
        else if (_at < _line.Length && _line[_at] == '[')
        {
            if (!_line.AsSpan(_at).StartsWith("[*]"))
            {
                return Fail(SplitError.BadWordExpansion, _at);
            }
            asWords = true;
            _at += 3;
        }
        if (_at >= _line.Length || _line[_at] != '}')
        {
            return Fail(SplitError.UnmatchedBrace, start);
        }
        _at++;
        return SplitError.None;
    }

    private SplitError Insert(string value, bool asWords)
    {
        bool between = false;
        foreach (char c in value)
        {
            if (asWords && IsBlank(c))
            {
                between = true;
                continue;
            }
            if (between && !EndWord())
            {
                return Fail(SplitError.TooManyWords, _at);
            }
            between = false;
            SplitError error = Emit(c);
            if (error != SplitError.None)
            {
                return error;
            }
        }
        return SplitError.None;
    }

    private SplitError Emit(char c)
    {
        BeginWord();
        _word.Append(c);
        return ++_length > ReaderLimits.LineLength ? Fail(SplitError.TooLong, _at) : SplitError.None;
    }

    private void BeginWord() => _wordColumn = _wordColumn == 0 ? _at + 1 : _wordColumn;

    private bool EndWord()
    {
        if (_wordColumn == 0)
        {
            return true;
        }
        if (_words.Count == ReaderLimits.WordsPerLine)
        {
            return false;
        }
        _words.Add(new(_word.ToString(), _wordColumn));
        _word.Clear();
        _wordColumn = 0;
        return true;
    }

    private SplitError Fail(SplitError error, int index)
    {
        ErrorColumn = index + 1;
        return error;
    }
}
