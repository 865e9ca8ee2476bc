using System;
using System.Globalization;
using System.IO;

namespace ExchangeLb.Linux.Repair;

/// <summary>How large the kernel lets the buffers of a TCP socket grow by itself, in bytes of its memory (tcp(7), tcp_rmem and tcp_wmem: the third number).</summary>
public readonly record struct KernelBuffers(int Receive, int Send)
{
    // tcp(7): the largest defaults of a host with enough memory.
    private const int UsualReceive = 6 * 1024 * 1024;
    private const int UsualSend = 4 * 1024 * 1024;
    private static readonly Lazy<KernelBuffers> Read = new(() => new(
        Largest("/proc/sys/net/ipv4/tcp_rmem", UsualReceive), Largest("/proc/sys/net/ipv4/tcp_wmem", UsualSend)));

    /// <summary>This host's, as they were when they were first asked for.</summary>
    public static KernelBuffers OfHost => Read.Value;

    private static int Largest(string path, int usual)
    {
        try
        {
            string[] numbers = File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return numbers.Length == 3 && int.TryParse(numbers[2], CultureInfo.InvariantCulture, out int bytes) && bytes > 0 ? bytes : usual;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return usual;
        }
    }
}
