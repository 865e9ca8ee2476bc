using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Proxy.Logging;

/// <summary>Lines about servers and proxies. Owner: the control thread.</summary>
internal sealed class StateLog(int pid) : IDisposable
{
    private readonly LogSinks _sinks = new(pid);

    public long DroppedTotal => _sinks.DroppedTotal;

    /// <summary>Begins with another configuration.</summary>
    public void Adopt(LoadBalancerModel model) => _sinks.Adopt(
        model.Global,
        model.Proxies.SelectMany(proxy => (IEnumerable<LogTargetModel>)[.. proxy.Frontend?.LogTargets ?? [], .. proxy.Backend?.LogTargets ?? []])
            .Concat(model.Global.LogTargets));

    public void Write(ImmutableArray<LogTargetModel> targets, StateLine line, long unixMs)
    {
        byte[] message = Encoding.UTF8.GetBytes(line.Text);
        int offset = _sinks.UtcOffsetSeconds(unixMs);
        foreach (LogSink sink in _sinks.For(targets))
        {
            sink.Write(line.Level, unixMs, offset, message);
            sink.Flush();
        }
    }

    public void Dispose() => _sinks.Dispose();
}
