using System;
using System.Threading;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Admin.Http;

/// <summary>Tells that the limit on connections is reached: at once, then once in a while as long as it goes on. Any thread may call.</summary>
internal sealed class LimitNotice(TimeProvider time, Action<Diagnostic>? report)
{
    private readonly Lock _lock = new();
    private long? _toldAt;
    private long _toldTotal;

    /// <param name="total">Connections that were dropped or refused so far.</param>
    public void Note(long total)
    {
        long news;
        lock (_lock)
        {
            news = total - _toldTotal;
            if (news <= 0 || (_toldAt is { } toldAt && time.GetElapsedTime(toldAt) < HttpLimits.NoticeInterval))
            {
                return;
            }
            _toldAt = time.GetTimestamp();
            _toldTotal = total;
        }
        report?.Invoke(new Diagnostic(Severity.Warning, null, $"stats page: the limit of {HttpLimits.Connections} connections is reached; "
            + $"{news} of them made room for new ones since this was last said."));
    }
}
