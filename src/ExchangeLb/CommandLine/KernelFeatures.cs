using System;
using System.IO;
using System.Linq;

namespace ExchangeLb.CommandLine;

/// <summary>What this kernel has of the things that we use, read from /proc; unreadable means "not known".</summary>
internal static class KernelFeatures
{
    public static string Describe() => string.Join(", ",
        $"congestion control {Read("/proc/sys/net/ipv4/tcp_congestion_control")}",
        $"listen backlog up to {Read("/proc/sys/net/core/somaxconn")}",
        $"pipes up to {Read("/proc/sys/fs/pipe-max-size")} bytes",
        $"descriptors of a process up to {Read("/proc/sys/fs/nr_open")}",
        $"IPv6 {(File.Exists("/proc/net/if_inet6") ? "yes" : "no")}",
        $"bind to addresses that are not there {(Read("/proc/sys/net/ipv4/ip_nonlocal_bind") == "1" ? "yes" : "no")}");

    private static string Read(string path)
    {
        try
        {
            return File.ReadLines(path).First().Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return "not known";
        }
    }
}
