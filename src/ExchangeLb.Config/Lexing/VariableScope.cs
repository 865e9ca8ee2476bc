using System;
using System.Collections.Generic;
using System.Globalization;

namespace ExchangeLb.Config.Lexing;

/// <summary>
/// What <c>"${NAME}"</c> means at the line now read (configuration.txt, 2.3): the environment, as changed by `setenv` and its kin, and the
/// pseudo-variables .FILE, .LINE and .SECTION.
/// </summary>
internal sealed class VariableScope(Func<string, string?> environment)
{
    private readonly Dictionary<string, string?> _changed = new(StringComparer.Ordinal);
    private bool _environmentHidden;
    private int _characters;

    public string File { get; set; } = "";

    public int Line { get; set; }

    /// <summary>Name of the section being read, its type when it has none, empty before the first.</summary>
    public string Section { get; set; } = "";

    /// <summary>Null when the variable does not exist.</summary>
    public string? Find(string name) => name switch
    {
        ".FILE" => File,
        ".LINE" => Line.ToString(CultureInfo.InvariantCulture),
        ".SECTION" => Section,
        _ when _changed.TryGetValue(name, out string? value) => value,
        _ => _environmentHidden ? null : environment(name),
    };

    /// <summary>False: variables have put <see cref="ReaderLimits.VariableCharacters"/> into the configuration already.</summary>
    public bool TryCount(string? value)
    {
        _characters = Math.Min(_characters + (value?.Length ?? 0), ReaderLimits.VariableCharacters + 1);
        return _characters <= ReaderLimits.VariableCharacters;
    }

    public void Set(string name, string value) => _changed[name] = value;

    public void Unset(string name) => _changed[name] = null;

    /// <summary>`resetenv`: only the named variables live on.</summary>
    public void KeepOnly(IEnumerable<string> names)
    {
        Dictionary<string, string?> kept = new(StringComparer.Ordinal);
        foreach (string name in names)
        {
            kept[name] = Find(name);
        }
        _changed.Clear();
        foreach ((string name, string? value) in kept)
        {
            _changed[name] = value;
        }
        _environmentHidden = true;
    }
}
