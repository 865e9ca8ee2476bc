namespace ExchangeLb.Verbs;

/// <summary>What came of asking a node.</summary>
/// <param name="Text">Its answer, without the empty line that ends it.</param>
/// <param name="Problem">Why there is no answer, and what to do, in one line; null: there is one.</param>
internal sealed record ControlAnswer(string Text, string? Problem)
{
    private const string DoneWord = "done";
    private const string RefusedWord = "refused";

    /// <summary>The answer to an order says that it was done.</summary>
    public bool IsDone => Text == DoneWord || Text.StartsWith($"{DoneWord}:", System.StringComparison.Ordinal);

    /// <summary>The answer to an order without its first word; "" when there is nothing to say.</summary>
    public string Message
    {
        get
        {
            string word = IsDone ? DoneWord : RefusedWord;
            return Text.StartsWith(word, System.StringComparison.Ordinal) ? Text[word.Length..].TrimStart(':').Trim() : Text;
        }
    }
}
