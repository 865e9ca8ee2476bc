using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Config.Tests;

/// <summary>Reads a text without touching the host: no environment, two host names, no users.</summary>
internal sealed record Reading(LoadBalancerModel? Model, DiagnosticList Diagnostics)
{
    public static ReaderOptions Hermetic { get; } = new()
    {
        Environment = name => name switch
        {
            "PORT" => "8443",
            "WORDS" => "one two  three",
            "EMPTY" => "",
            _ => null,
        },
        Resolve = name => name switch
        {
            "localhost" => [IPAddress.Loopback],
            "exchange1.example" => [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")],
            _ => [],
        },
        ReadTextFile = path => path == "/networks.txt" ? "# ours\n10.0.0.0/8\n\nfd00::/8\n" : null,
        UserId = name => name == "root" ? 0 : null,
        GroupId = name => name == "root" ? 0 : null,
        HostName = "lb1",
    };

    public static Reading Of(string text)
    {
        DiagnosticList diagnostics = new();
        return new(ConfigurationReader.ReadText("test.cfg", text, Hermetic, diagnostics), diagnostics);
    }

    /// <summary>Lines in a `listen` that lacks nothing else.</summary>
    public static Reading OfListen(params string[] lines) => Of(
        "defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nlisten a\n bind 127.0.0.1:4430\n"
        + string.Concat(lines.Select(line => $" {line}\n")));

    public ProxyModel OnlyProxy => Model!.Proxies.Single();

    public IEnumerable<string> Messages(Severity severity) =>
        Diagnostics.Items.Where(item => item.Severity == severity).Select(item => $"{item.Place?.Line}: {item.Message}");

    public string OnlyAlert => Messages(Severity.Alert).Single();

    public string Everything => string.Join(Environment.NewLine, Diagnostics.Items.Select(item => $"{item.Severity} {item.Place}: {item.Message}"));
}
