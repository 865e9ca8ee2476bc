using System;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Running;

/// <summary>systemd, when it started us and wants to know (`Type=notify`; sd_notify(3)); otherwise nobody is told.</summary>
internal static class Systemd
{
    private static readonly string? Address = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");

    public static bool IsThere => !string.IsNullOrEmpty(Address);

    public static void Tell(string message)
    {
        if (Address is { Length: > 0 })
        {
            NotifySocket.Send(Address, message);
        }
    }
}
