using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>The process: one line of facts.</summary>
internal static class ProcessBox
{
    public static void Write(HtmlWriter html, PageView view)
    {
        ProcessSnapshot process = view.Process;
        html.Add($"<section class=\"box\" aria-label=\"Process\"><dl class=\"facts\">\n");
        Parts.FactWithBar(html, "Connections", process.CurrentConnections, process.MaxConn,
            $"of {Words.Count(process.MaxConn)}, most {Words.Count(process.MaxConnectionsSeen)}");
        Parts.Fact(html, "New a second", Words.Count(process.ConnectionRate), $"most {Words.Count(process.MaxConnectionRate)}");
        Parts.Fact(html, "Since start", Words.Count(process.TotalConnections), "connections");
        Parts.Fact(html, "Sent", Words.Bytes(process.BytesOutTotal));
        Parts.Fact(html, "Idle", $"{process.IdlePercent} %", Words.Count(process.ThreadCount, "thread"));
        Parts.Fact(html, "Up for", Words.Duration(process.Uptime), $"process {process.Pid}");
        if (process.AcceptPausesTotal > 0)
        {
            Parts.Fact(html, "Accept paused", Words.Count(process.AcceptPausesTotal), "times, for want of descriptors or memory");
        }
        if (process.ServerPortsExhaustedTotal > 0)
        {
            Parts.Fact(html, "No port free", Words.Count(process.ServerPortsExhaustedTotal), "times, for a connection to a server");
        }
        if (process.DroppedLogs > 0)
        {
            Parts.Fact(html, "Log lines lost", Words.Count(process.DroppedLogs));
        }
        html.Add($"</dl></section>\n");
    }
}
