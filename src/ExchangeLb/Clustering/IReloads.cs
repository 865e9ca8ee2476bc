using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>This node's reload, whole or in two phases. Messages are the reader's, line by line.</summary>
internal interface IReloads
{
    CommandResult Reload();

    /// <summary>Reads and checks the files, and keeps what was read for <see cref="Apply"/>.</summary>
    CommandResult Prepare();

    CommandResult Apply();

    CommandResult Forget();

    /// <summary>Goes back to what ran before the last <see cref="Apply"/>, if there was one since the last <see cref="Prepare"/>.</summary>
    CommandResult Revert();
}
