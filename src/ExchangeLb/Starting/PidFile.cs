using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace ExchangeLb.Starting;

/// <summary>-p and `pidfile`: one decimal number and a line feed. It stays when the process ends, as HAProxy's does.</summary>
internal static class PidFile
{
    /// <returns>Null, or why it could not be written.</returns>
    public static string? Write(string path, int pid)
    {
        try
        {
            File.WriteAllBytes(path, Encoding.ASCII.GetBytes(pid.ToString(CultureInfo.InvariantCulture) + "\n"));
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return exception.Message;
        }
    }
}
