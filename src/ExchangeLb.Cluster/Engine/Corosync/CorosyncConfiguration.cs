using System;
using System.Globalization;
using System.Linq;
using System.Text;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>
/// Writes the corosync.conf(5) of a cluster. The text is the same on every node but for the paths; nobody edits it. Figures that were
/// measured, and why they are what they are, stand beside them.
/// </summary>
public static class CorosyncConfiguration
{
    // Less than the smallest consensus (80 ms), as corosync.conf(5) asks for.
    private const int JoinMs = 30;

    // With the defaults (token / 4, token / 2) links flap for ever when token is below 500 ms: knet looks every 200 ms only. They have no
    // part in detecting a dead peer. One pong suffices: with more, a heal is followed by another loss.
    private const int PingIntervalMs = 200;
    private const int PingTimeoutMs = 1000;
    private const int PongCount = 1;

    // Twice the messages a second of the defaults (50 and 17): 42,600 of 64 bytes, encrypted.
    private const int WindowSize = 300;
    private const int MaxMessages = 100;

    // Rotations of the token after the last message, before it rests. The default, 30, means that it never does while leases are renewed; with 4 Corosync took
    // 15 to 20 % more than with 1, idle or with 100 connections a second.
    private const int RotationsUntilRest = 1;

    public static string Write(ClusterModel model, CorosyncPlace place)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(place);
        StringBuilder text = new();
        int links = model.Nodes.Min(node => node.Addresses.Length);
        Line(text, "# Written by exchangelb from cluster.cfg at each start: change that one.");
        Line(text, "totem {");
        Line(text, "    version: 2");
        Line(text, $"    cluster_name: {PlainName(model.Name)}");
        Line(text, "    transport: knet");
        if (links > 1) { Line(text, "    link_mode: active"); }
        Line(text, "    crypto_model: openssl");
        Line(text, "    crypto_cipher: aes256");
        Line(text, "    crypto_hash: sha256");
        Line(text, $"    keyfile: {model.KeyFile}");
        Line(text, $"    token: {Ms(model.Timings.Token)}");
        Line(text, "    token_coefficient: 0");
        Line(text, $"    consensus: {Ms(model.Timings.Consensus)}");
        Line(text, $"    join: {JoinMs}");
        Line(text, $"    window_size: {WindowSize}");
        Line(text, $"    max_messages: {MaxMessages}");
        Line(text, $"    seqno_unchanged_const: {RotationsUntilRest}");
        for (int link = 0; link < links; link++) { Interface(text, link, model.Port + link); }
        Line(text, "}");
        Line(text, "system {");
        Line(text, $"    state_dir: {place.StateFolder}");
        Line(text, $"    sched_rr: {(place.RealTime ? "yes" : "no")}");
        Line(text, "    move_to_root_cgroup: no");
        Line(text, "    allow_knet_handle_fallback: yes");
        Line(text, "}");
        if (place.ClientUser is { } user)
        {
            Line(text, "uidgid {");
            Line(text, $"    uid: {user}");
            Line(text, "}");
        }
        Line(text, "quorum {");
        Line(text, "    provider: corosync_votequorum");
        if (model.Nodes.Length == 2)
        {
            Line(text, "    two_node: 1");
            // two_node implies it, and it would keep a lone survivor out of service after its own restart.
            Line(text, "    wait_for_all: 0");
        }
        Line(text, "}");
        Line(text, "nodelist {");
        foreach (ClusterNodeModel node in model.Nodes) { Node(text, node, links); }
        Line(text, "}");
        Line(text, "logging {");
        Line(text, "    to_stderr: yes");
        Line(text, "    to_logfile: no");
        Line(text, "    to_syslog: no");
        Line(text, "    timestamp: hires");
        Line(text, "}");
        return text.ToString();
    }

    private static void Interface(StringBuilder text, int link, int port)
    {
        Line(text, "    interface {");
        Line(text, $"        linknumber: {link}");
        Line(text, $"        mcastport: {port}");
        Line(text, $"        knet_ping_interval: {PingIntervalMs}");
        Line(text, $"        knet_ping_timeout: {PingTimeoutMs}");
        Line(text, $"        knet_pong_count: {PongCount}");
        Line(text, "    }");
    }

    private static void Node(StringBuilder text, ClusterNodeModel node, int links)
    {
        Line(text, "    node {");
        Line(text, $"        nodeid: {node.Id}");
        Line(text, $"        name: {PlainName(node.Name)}");
        for (int link = 0; link < links; link++) { Line(text, $"        ring{link}_addr: {node.Addresses[link]}"); }
        Line(text, "    }");
    }

    private static long Ms(TimeSpan time) => (long)time.TotalMilliseconds;

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    /// <summary>Corosync's reader knows no quoting: a `{`, a `#` or a blank at an end would be taken for its own.</summary>
    private static string PlainName(string name) => string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || "-_.".Contains(letter) ? letter : '_'));
}
