using System;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Process;

/// <summary>
/// getrandom(2): as unpredictable as the runtime's RandomNumberGenerator, which loads OpenSSL for it (measured at our start: 7 ms and
/// 4 MB resident, for a few seeds).
/// </summary>
public static partial class KernelRandom
{
    private const int EINTR = 4;

    /// <summary>Fills <paramref name="bytes"/>; waits only in the first moments after the host's boot.</summary>
    /// <exception cref="InvalidOperationException">The kernel has no getrandom (before 3.17).</exception>
    public static unsafe void Fill(Span<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            int filled = 0;
            while (filled < bytes.Length)
            {
                nint count = getrandom(start + filled, (nuint)(bytes.Length - filled), 0);
                if (count >= 0)
                {
                    filled += (int)count;
                }
                else if (Marshal.GetLastPInvokeError() != EINTR)
                {
                    throw new InvalidOperationException("getrandom failed");
                }
            }
        }
    }

    public static int NextInt32()
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        Fill(bytes);
        return MemoryMarshal.Read<int>(bytes) & int.MaxValue;
    }

    public static ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Fill(bytes);
        return MemoryMarshal.Read<ulong>(bytes);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint getrandom(byte* bytes, nuint count, uint flags);
}
