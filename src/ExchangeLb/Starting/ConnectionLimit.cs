using System;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Process;
using ExchangeLb.Messages;

namespace ExchangeLb.Starting;

/// <summary>
/// Brings `maxconn` and the descriptor limit together, as HAProxy does: what was asked for is raised to, or refused, or with
/// `no strict-limits` cut down; what was not asked for follows from the limit.
/// </summary>
internal static class ConnectionLimit
{
    /// <summary>Fewer than this cannot be what anyone wants.</summary>
    private const int FewConnections = 100;

    /// <param name="open">Descriptors that are open before a configuration is at work.</param>
    /// <returns>The model with a `maxconn` that can be kept, or null after an alert.</returns>
    public static LoadBalancerModel? Apply(LoadBalancerModel model, StartOptions options, int threads, StartMessages messages, int open)
    {
        GlobalModel global = model.Global;
        DescriptorBudget budget = DescriptorBudget.For(model, threads, open);
        int asked = options.MaxConn > 0 ? options.MaxConn : global.MaxConn;
        long wanted = Math.Max(global.DescriptorLimit, asked > 0 ? budget.Needed(asked) : 0);
        if (!DescriptorLimit.TryRaise((ulong)wanted))
        {
            string shortage = $"Cannot raise FD limit to {wanted}, limit is {DescriptorLimit.Read().Soft}.";
            if (global.StrictLimits)
            {
                messages.Alert(shortage);
                return null;
            }
            messages.Warning(shortage);
        }
        long descriptors = (long)Math.Min(DescriptorLimit.Read().Soft, long.MaxValue);
        int maxConn = asked > 0 ? Math.Min(asked, budget.Connections(descriptors)) : budget.DerivedConnections(descriptors);
        if (maxConn < asked)
        {
            messages.Warning($"maxconn is lowered from {asked} to {maxConn}.");
        }
        else if (asked == 0 && maxConn < FewConnections)
        {
            messages.Warning(
                $"The descriptor limit of {DescriptorLimit.Read().Soft} leaves room for {maxConn} connections only: raise it (ulimit -n, LimitNOFILE=).");
        }
        else if (asked == 0 && (options.Verbose || options.Debug))
        {
            messages.Notice($"maxconn is {maxConn}.");
        }
        return model with { Global = global with { MaxConn = maxConn, SpareDescriptors = budget.Spare(descriptors, maxConn) } };
    }
}
