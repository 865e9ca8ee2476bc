using Spectre.Console;

namespace ExchangeLb.Verbs.Status;

/// <summary>Colours that are legible on dark and on light terminals. What they say is in the words too.</summary>
internal static class Styles
{
    public static readonly Style Good = new(Color.Green, decoration: Decoration.Bold);
    public static readonly Style Doubtful = new(Color.Olive, decoration: Decoration.Bold);
    public static readonly Style Bad = new(Color.Red, decoration: Decoration.Bold);
    public static readonly Style Quiet = new(Color.Grey);
    public static readonly Style Label = new(decoration: Decoration.Bold);
}
