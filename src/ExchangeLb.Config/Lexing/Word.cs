namespace ExchangeLb.Config.Lexing;

/// <summary>One argument of a line after quotes, escapes and variables are resolved (configuration.txt, 2.2).</summary>
/// <param name="Text">May be empty (<c>""</c>).</param>
/// <param name="Column">Where it begins in the line as written, from 1.</param>
public readonly record struct Word(string Text, int Column)
{
    public override string ToString() => Text;
}
