using System;
using System.IO;
using System.Net.Sockets;
using System.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Linux.Files;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Admin.Commands;

/// <summary>Opens the listening socket of a `stats socket` line (configuration.txt, 3.1).</summary>
internal static class RuntimeListener
{
    /// <summary>sun_path holds 108 bytes, one of which ends it (unix(7)).</summary>
    private const int LongestPathBytes = 107;

    /// <summary>RuntimeDirectory of the package's unit.</summary>
    private const string OwnFolder = "/run/exchangelb";

    // errno(3): EPERM, EACCES, EROFS; the last is what a unit's sandbox (ProtectSystem) answers.
    private const int NotPermitted = 1;
    private const int Denied = 13;
    private const int ReadOnly = 30;

    /// <summary>Null, with a message, when it cannot be opened.</summary>
    public static Socket? Open(StatsSocketModel model, DiagnosticList diagnostics)
    {
        string name = model.Path ?? model.Address!.ToString();
        Socket? socket = null;
        try
        {
            socket = model.Path is { } path ? OpenUnix(path, model) : OpenInternet(model);
            return socket;
        }
        catch (Exception failure) when (failure is SocketException or IOException or UnauthorizedAccessException)
        {
            diagnostics.Alert(model.Place, $"stats socket: cannot open '{name}': {Problem(model, failure)}");
            return null;
        }
    }

    /// <summary>What is wrong with its folder, which is most of what goes wrong, with what to write instead; else the system's words.</summary>
    private static string Problem(StatsSocketModel model, Exception failure)
    {
        if (model.Path is not { } path || Path.GetDirectoryName(Path.GetFullPath(path)) is not { } folder)
        {
            return failure.Message;
        }
        string? problem = !Directory.Exists(folder) ? $"there is no folder {folder}"
            : failure is UnauthorizedAccessException or SocketException { NativeErrorCode: NotPermitted or Denied or ReadOnly }
                ? $"this process (uid {Privileges.UserId}) can't write in the folder {folder}" : null;
        bool isWritten = model.Place.Line > 0; // the verbs' own socket has no line
        return problem is null ? failure.Message
            : folder == OwnFolder ? $"{problem}, which the packaged service makes for itself: systemctl start exchangelb"
            : isWritten ? $"{problem}; the packaged service's own folder is {OwnFolder}: write 'stats socket {OwnFolder}/{Path.GetFileName(path)}'"
            : problem;
    }

    private static Socket OpenInternet(StatsSocketModel model)
    {
        var socket = new Socket(model.Address!.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(model.Address);
            socket.Listen(CommandLimits.Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Nobody ever finds the socket with wrong rights or finds none: it is bound under another name, given mode and owner, made
    /// to listen, and only then moved over the old one, which rename(2) replaces at once.
    /// </summary>
    private static Socket OpenUnix(string path, StatsSocketModel model)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        if (Encoding.UTF8.GetByteCount(temporary) > LongestPathBytes)
        {
            throw new IOException($"the path is too long ({LongestPathBytes - (temporary.Length - path.Length)} bytes at most)");
        }
        if (File.Exists(path) && new FileInfo(path).Length > 0)
        {
            throw new IOException("there is a file of that name that is not a socket");
        }
        File.Delete(temporary);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(temporary));
            if (model.FileMode is { } mode)
            {
#pragma warning disable CA1416 // The program runs on Linux only.
                File.SetUnixFileMode(temporary, (UnixFileMode)mode);
#pragma warning restore CA1416
            }
            if (model.UserId is not null || model.GroupId is not null)
            {
                var changed = FileOwner.Change(temporary, model.UserId, model.GroupId);
                if (changed.Failed)
                {
                    throw new IOException($"cannot change its owner: {changed.Describe()}");
                }
            }
            socket.Listen(CommandLimits.Backlog);
            File.Move(temporary, path, overwrite: true);
            return socket;
        }
        catch
        {
            socket.Dispose();
            File.Delete(temporary);
            throw;
        }
    }
}
