using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading;
using ExchangeLb.DrillClient.Figures;
using ExchangeLb.DrillClient.Probing;
using ExchangeLb.DrillClient.Reporting;
using ExchangeLb.DrillClient.Streams;
using ExchangeLb.DrillClient.Watching;

namespace ExchangeLb.DrillClient;

internal static class Program
{
    private const int Measured = 0;
    private const int WrongUse = 2;
    private const int NeverHealthy = 3;

    private static readonly JsonSerializerOptions OneLine = new() { IncludeFields = false };

    private static int Main(string[] arguments)
    {
        if (!Options.TryRead(arguments, out Options? options, out string wrong))
        {
            Console.Error.WriteLine($"drillclient: {wrong}\n{Options.Usage}");
            return WrongUse;
        }
        if (options!.Report is { } record) { return MarkdownReport.Write(record, Console.Out); }
        if (options.StreamServer > 0) { return StreamServer.Run(options); }
        if (options.Streams > 0) { return StreamDrill.Run(options); }
        return options.Fill > 0 ? AddressFill.Run(options) : Measure(options);
    }

    /// <summary>
    /// 1. watch the wire, then probe; 2. wait until the service is seen healthy; 3. take down the moments that are told until "end"; 4. wait for
    /// what is still open; 5. report.
    /// </summary>
    private static int Measure(Options options)
    {
        Timeline time = new();
        using BridgeWatch? watch = options.Bridge is null ? null : new BridgeWatch(options, time);
        using ProcessorWatch? processors = options.Processes is null ? null : new ProcessorWatch(options.Processes, time);
        using LongLivedConnections longLived = new(options);
        using ProbeLoop probes = new(options, time);

        if (!probes.WaitUntilHealthy(options.ReadyWithin) || !longLived.Open())
        {
            long all = time.NowUs, waited = ProcessorWait.Within(processors?.Finish() ?? [], 0, all);
            string busy = 2 * waited > all ? "; the machine is too busy to tell" : "";
            Console.Error.WriteLine($"drillclient: {options.Service} was not healthy within {options.ReadyWithin.TotalSeconds:F0} s: {probes.LastError} (waits for a processor: {waited / 1000} ms{busy})");
            return NeverHealthy;
        }
        Console.Out.WriteLine("ready");
        Console.Out.Flush();

        List<Mark> marks = ReadMarks(time);
        IReadOnlyList<Probe> seen = probes.Finish();
        DrillReport report = DrillReport.Of(seen, marks, longLived.Finish(), watch?.Finish() ?? OwnerHistory.None, options.Interval, processors?.Finish());
        if (options.Log is not null) { WriteLog(options.Log, seen); }
        Console.Out.WriteLine(JsonSerializer.Serialize(report, OneLine));
        Console.Error.WriteLine(report.ForPeople());
        return Measured;
    }

    private static List<Mark> ReadMarks(Timeline time)
    {
        List<Mark> marks = [];
        while (Console.In.ReadLine() is { } line && line.Trim() != "end")
        {
            if (Mark.TryRead(line, time, out Mark mark)) { marks.Add(mark); }
            else { Console.Error.WriteLine($"drillclient: '{line}' is neither 'mark NAME SECONDS' nor 'end'"); }
        }
        return marks;
    }

    private static void WriteLog(string path, IReadOnlyList<Probe> probes)
    {
        using StreamWriter log = new(path);
        log.WriteLine("start_us,connect_us,handshake_us,end_us,result,source,server");
        foreach (Probe probe in probes)
        {
            log.WriteLine($"{probe.StartUs},{probe.ConnectedUs},{probe.HandshakenUs},{probe.EndUs},{probe.Result},{probe.Source},{probe.Server}");
        }
    }
}
