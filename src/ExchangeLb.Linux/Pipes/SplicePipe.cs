using System;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Pipes;

/// <summary>A kernel pipe through which bytes go from socket to socket without being copied (splice(2), pipe(7)).</summary>
public sealed unsafe class SplicePipe
{
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;
    private const int F_SETPIPE_SZ = 1031;
    private const uint SPLICE_F_MOVE = 1;
    private const uint SPLICE_F_NONBLOCK = 2;
    private const uint SPLICE_F_MORE = 4;
    private readonly int _readEnd;
    private readonly int _writeEnd;

    private SplicePipe(int readEnd, int writeEnd, int capacity)
    {
        _readEnd = readEnd;
        _writeEnd = writeEnd;
        Capacity = capacity;
    }

    /// <summary>Bytes that the kernel granted; less than asked for when the user's pipe pages ran out (pipe-user-pages-soft).</summary>
    public int Capacity { get; }

    /// <summary>Bytes inside.</summary>
    public int Held { get; private set; }

    /// <summary>A new pipe of about <paramref name="capacity"/> bytes, or null when descriptors or memory have run out.</summary>
    public static SplicePipe? TryCreate(int capacity)
    {
        int* ends = stackalloc int[2];
        if (Libc.pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
        {
            return null;
        }
        int granted = Libc.fcntl(ends[1], F_SETPIPE_SZ, capacity);
        return new SplicePipe(ends[0], ends[1], granted > 0 ? granted : 65536);
    }

    /// <summary>Moves bytes from a socket into the (empty) pipe: bytes, 0 at the end of the stream, EAGAIN, or the connection's error.</summary>
    public SysResult Fill(int socket)
    {
        var moved = SysResult.Of(
            Libc.splice(socket, null, _writeEnd, null, (nuint)Capacity, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
        if (moved.Value > 0)
        {
            Held += moved.Count;
        }
        return moved;
    }

    /// <summary>Moves bytes from the pipe into a socket: bytes, EAGAIN, or the connection's error.</summary>
    /// <param name="more">More follows at once: the kernel may wait for a full segment.</param>
    public SysResult Drain(int socket, bool more)
    {
        uint flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK | (more ? SPLICE_F_MORE : 0);
        var moved = SysResult.Of(Libc.splice(_readEnd, null, socket, null, (nuint)Held, flags));
        if (moved.Value > 0)
        {
            Held -= moved.Count;
        }
        return moved;
    }

    /// <summary>Takes the bytes out. What can't be had (it does not happen: they are there) is lost.</summary>
    /// <param name="target">At least <see cref="Held"/> bytes.</param>
    /// <returns>How many.</returns>
    public int TakeAll(Span<byte> target)
    {
        int taken = 0;
        fixed (byte* start = target)
        {
            while (taken < Held)
            {
                nint read = Libc.read(_readEnd, start + taken, (nuint)(Held - taken));
                if (read <= 0)
                {
                    break;
                }
                taken += (int)read;
            }
        }
        Held = 0;
        return taken;
    }

    /// <summary>What is still inside is lost.</summary>
    public void Close()
    {
        Descriptor.Close(_readEnd);
        Descriptor.Close(_writeEnd);
    }
}
