using System.Collections.Generic;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Globals;

/// <summary>The `global` sections as read so far; several sections add up.</summary>
internal sealed class GlobalDraft
{
    public GlobalModel Model { get; set; } = new();

    public List<LogTargetModel> LogTargets { get; } = [];

    public List<StatsSocketModel> StatsSockets { get; } = [];
}
