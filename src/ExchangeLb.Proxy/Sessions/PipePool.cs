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
    private int _leastKept;

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
            _leastKept = System.Math.Min(_leastKept, _kept.Count);
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

    /// <summary>Closes the pipes that nobody has needed since the last call.</summary>
    public void CloseUnused()
    {
        Close(_leastKept);
        _leastKept = _kept.Count;
    }

    /// <summary>Closes all kept pipes, since descriptors are needed for sessions; false: there were none.</summary>
    public bool GiveUpKept()
    {
        bool any = _kept.Count > 0;
        Close(_kept.Count);
        return any;
    }

    private void Close(int count)
    {
        for (int i = 0; i < count && _kept.TryPop(out SplicePipe? pipe); i++)
        {
            pipe.Close();
            _total--;
        }
        _leastKept = System.Math.Min(_leastKept, _kept.Count);
    }
}
