using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Text;

/// <summary>HAProxy's words for how bad a message is.</summary>
public enum Severity
{
    Notice,
    Warning,
    Alert,
}

/// <summary>One message about something that the administrator wrote or that the host lacks.</summary>
/// <param name="Place">Null when it is not about a file.</param>
public sealed record Diagnostic(Severity Severity, SourcePlace? Place, string Message);

/// <summary>Messages gathered in the order found. Not thread-safe; one reader fills it.</summary>
public sealed class DiagnosticList
{
    private readonly List<Diagnostic> _items = [];

    public IReadOnlyList<Diagnostic> Items => _items;

    public int AlertCount { get; private set; }

    /// <summary>At least one alert: the configuration must not be run.</summary>
    public bool HasAlerts => AlertCount > 0;

    public bool HasWarnings => _items.Any(item => item.Severity == Severity.Warning);

    public void Alert(SourcePlace? place, string message) => Add(new(Severity.Alert, place, message));

    public void Warning(SourcePlace? place, string message) => Add(new(Severity.Warning, place, message));

    public void Notice(SourcePlace? place, string message) => Add(new(Severity.Notice, place, message));

    public void Add(Diagnostic diagnostic)
    {
        _items.Add(diagnostic);
        AlertCount += diagnostic.Severity == Severity.Alert ? 1 : 0;
    }
}
