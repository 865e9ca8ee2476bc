using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Admin.Tests.Page;

/// <summary>The page as a browser understands it: the distribution's Chromium, without a window.</summary>
public sealed partial class BrowserTests : IDisposable
{
    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("chromium");

    public void Dispose() => _profile.Delete(recursive: true);

    [ChromiumFact]
    public async Task A_browser_shows_every_server_and_misses_nothing_that_the_policy_forbids()
    {
        LoadBalancerSnapshot scene = Scene.EveryState(new StatsPageModel { Uri = "/" });
        await using var stats = new StatsConnections(() => new FakeLoadBalancer(scene), TimeProvider.System);
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _ = Task.Run(() =>
        {
            while (true)
            {
                stats.Take(Descriptors.TakeFrom(listener.Accept()), new FakeStatsSession(scene.Proxies[0].Model));
            }
        });

        (string document, string messages) = await BrowseAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}/");

        Assert.Equal(11, ServerRow().Count(document));
        Assert.Contains("</html>", document, StringComparison.Ordinal);
        Assert.DoesNotContain("Content Security Policy", messages, StringComparison.Ordinal);
    }

    private async Task<(string Document, string Messages)> BrowseAsync(string url)
    {
        using Process browser = Process.Start(new ProcessStartInfo(ChromiumFactAttribute.Program,
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--enable-logging=stderr", $"--user-data-dir={_profile.FullName}", "--dump-dom", url,
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> document = browser.StandardOutput.ReadToEndAsync();
        Task<string> messages = browser.StandardError.ReadToEndAsync();
        try
        {
            await browser.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            return (await document, await messages);
        }
        finally
        {
            browser.Kill(entireProcessTree: true);
        }
    }

    [GeneratedRegex("<tr role=\"row\" id=\"server-")]
    private static partial Regex ServerRow();
}
