using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using ExchangeLb.Bench.Kernel;
using ExchangeLb.Bench.Traffic;

namespace ExchangeLb.Bench.Proxies;

/// <summary>A second witness with foreign programs: nginx behind the proxies, wrk before them.</summary>
internal sealed partial class Nginx : IDisposable
{
    private readonly Process _process;

    /// <summary>Starts one worker; it has the affinity of the caller.</summary>
    internal Nginx(string directory)
    {
        var configuration = Path.Combine(directory, "nginx.conf");
        File.WriteAllText(configuration, $$"""
            daemon off;
            worker_processes 1;
            pid {{directory}}/nginx.pid;
            error_log {{directory}}/nginx.error;
            events { worker_connections 2000; }
            http {
                access_log off;
                keepalive_requests 1000000000;
                server {
                    listen 127.0.0.1:{{ProxyPlan.NginxPort}};
                    location / { return 200 "{{new string('x', 300)}}"; }
                }
            }

            """);
        _process = Process.Start(new ProcessStartInfo("nginx", ["-p", directory, "-e", $"{directory}/nginx.error", "-c", configuration]))!;
    }

    /// <summary>Requests for that many seconds over kept-alive connections.</summary>
    internal static LoadResult Load(int port, int connections, int seconds)
    {
        using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t1", $"-c{connections}", $"-d{seconds}s", $"http://127.0.0.1:{port}/"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = wrk.StandardOutput.ReadToEnd() + wrk.StandardError.ReadToEnd();
        wrk.WaitForExit();
        var result = Result().Match(said);
        if (wrk.ExitCode != 0 || !result.Success || said.Contains("errors", StringComparison.Ordinal) || said.Contains("Non-2xx", StringComparison.Ordinal))
        {
            throw new BrokenRunException($"wrk: {said.ReplaceLineEndings(" | ")}");
        }
        var requests = double.Parse(result.Groups[1].Value, CultureInfo.InvariantCulture);
        return new LoadResult(requests, TimeSpan.FromSeconds(double.Parse(result.Groups[2].Value, CultureInfo.InvariantCulture)), 0);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Libc.Kill(_process.Id, 15);
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    [GeneratedRegex(@"(\d+) requests in ([\d.]+)s")]
    private static partial Regex Result();
}
