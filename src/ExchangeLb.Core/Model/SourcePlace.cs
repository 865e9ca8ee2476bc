namespace ExchangeLb.Core.Model;

/// <summary>Where in the configuration something was written. <see cref="Line"/> counts from 1; 0 means the whole file.</summary>
public readonly record struct SourcePlace(string File, int Line)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}" : File;
}
