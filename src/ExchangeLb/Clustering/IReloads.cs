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
}
