using System;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Cluster;

/// <summary>Lines of a cluster section that take more than one value to read.</summary>
internal static class ClusterLines
{
    /// <summary>Long enough that a node which has just come up is taught the stick table first.</summary>
    private static readonly TimeSpan DefaultPreemptDelay = TimeSpan.FromSeconds(5);

    /// <summary>`preempt [delay &lt;time&gt;]`.</summary>
    public static void Preempt(ClusterDraft cluster, Arguments line)
    {
        cluster.PreemptDelay = DefaultPreemptDelay;
        if (!line.HasMore)
        {
            return;
        }
        if (!line.TakeIf("delay") || !line.HasMore)
        {
            line.Alert($"does not take '{line.Peek}'", "write: preempt [delay <time>]");
        }
        else if (line.TryTime(out TimeSpan delay))
        {
            cluster.PreemptDelay = delay;
            if (delay > ClusterLimits.LongestPreemptDelay)
            {
                line.Alert("has too long a delay", $"write {LeaseLine.Text(ClusterLimits.LongestPreemptDelay)} or less, or remove 'preempt'");
            }
        }
    }

    /// <summary>`hook &lt;command&gt;`.</summary>
    public static void Hook(ClusterDraft cluster, Arguments line)
    {
        if (line.Remaining > 1)
        {
            line.Alert("takes one command, which it hands to the shell", $"quote it: hook '{line.TakeText()}'");
        }
        else if (line.TryText("command", out string command))
        {
            cluster.Hook = command;
        }
    }

    /// <summary>`hand-over off|planned|full`.</summary>
    public static void HandOver(ClusterDraft cluster, Arguments line)
    {
        string mode = line.Take();
        switch (mode)
        {
            case "off":
                cluster.HandOver = HandOverMode.Off;
                break;
            case "planned":
                cluster.HandOver = HandOverMode.Planned;
                break;
            case "full":
                cluster.HandOver = HandOverMode.Full;
                break;
            default:
                line.Alert($"does not take '{mode}'", "write: hand-over off|planned|full");
                break;
        }
    }

    /// <summary>`gateway &lt;address&gt; …`.</summary>
    public static void Gateway(ClusterDraft cluster, Arguments line)
    {
        foreach (string text in line.TakeAll())
        {
            if (cluster.Gateways.Count == ClusterLimits.Gateways)
            {
                line.Alert($"is one more than the {ClusterLimits.Gateways} that a cluster may have", "remove some");
                return;
            }
            if (ClusterAddress.Read(text, line) is { } address)
            {
                cluster.Gateways.Add(new(address, line.Place));
            }
        }
    }

    /// <summary>`forward &lt;proxy&gt; proxy`; the kernel's modes are refused.</summary>
    public static void Forward(ClusterDraft cluster, Arguments line)
    {
        string proxy = line.Take();
        string mode = line.Take();
        line.Keyword = $"forward {proxy}";
        switch (mode)
        {
            case "proxy":
                break;
            case "dr" or "nat" or "snat":
                line.Alert($"asks for '{mode}', which is known, but not supported in this version",
                    $"remove the line, or write: forward {proxy} proxy");
                break;
            default:
                line.Alert($"does not take '{mode}'", $"write: forward {proxy} proxy");
                break;
        }
    }
}
