namespace ExchangeLb.Config.Binds;

/// <summary>The options of one `bind` line as read so far.</summary>
internal sealed class BindDraft
{
    public int Id { get; set; }
    public string? Name { get; set; }
    public string? Interface { get; set; }
    public int MaxConn { get; set; }
    public int Backlog { get; set; }
    public bool V6Only { get; set; }
    public bool DualStack { get; set; }
    public bool Transparent { get; set; }
}
