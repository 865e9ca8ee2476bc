using System.Collections.Generic;
using ExchangeLb.Linux.Pipes;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>Empty pipes of one loop, kept for the next bulk stream. Owner: the loop's thread.</summary>
internal sealed class PipePool
{
    /// <summary>Bytes asked for a pipe: 64 pages, of which the kernel grants what the user's limit leaves (pipe(7)).</summary>
    public const int PipeCapacity = 256 * 1024;

    /// <summary>Empty pipes kept; more are closed.</summary>
    public const int KeptLimit = 64;

    /// <summary>Pipes of one loop at most; a stream beyond that is copied.</summary>
    public const int TotalLimit = 1024;
    private readonly Stack<SplicePipe> _kept = new();
    private int _total;

    /// <summary>In use and kept; read by others for the statistics.</summary>
    public int Total => _total;

    public int Kept => _kept.Count;

    /// <summary>Times that no pipe could be had.</summary>
    public long RefusedTotal { get; private set; }

    /// <summary>An empty pipe, or null: the stream is copied for now.</summary>
    public SplicePipe? Rent()
    {
        if (_kept.TryPop(out SplicePipe? pipe))
        {
            return pipe;
        }
        pipe = _total < TotalLimit ? SplicePipe.TryCreate(PipeCapacity) : null;
        if (pipe is null)
        {
            RefusedTotal++;
            return null;
        }
        _total++;
        return pipe;
    }

    /// <summary>A pipe with bytes left in it is closed: they belong to a session that is gone.</summary>
    public void Return(SplicePipe pipe)
    {
        if (pipe.Held == 0 && _kept.Count < KeptLimit)
        {
            _kept.Push(pipe);
            return;
        }
        pipe.Close();
        _total--;
    }

    public void CloseAll()
    {
        while (_kept.TryPop(out SplicePipe? pipe))
        {
            pipe.Close();
            _total--;
        }
    }
}
