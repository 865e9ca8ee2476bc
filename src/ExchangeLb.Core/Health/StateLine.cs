using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Health;

/// <summary>A line for the log targets of a backend, in HAProxy's words and at its level, without line end.</summary>
public readonly record struct StateLine(LogLevel Level, string Text);
