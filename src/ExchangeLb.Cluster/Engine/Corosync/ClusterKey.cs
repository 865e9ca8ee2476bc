using System;
using System.IO;
using ExchangeLb.Linux.Files;
using ExchangeLb.Linux.Process;

#pragma warning disable CA1416 // The program runs on Linux only.

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>The key file, with which all that Corosync sends is encrypted and authenticated: whoever has it is the cluster.</summary>
public static class ClusterKey
{
    /// <summary>corosync.conf(5), `keyfile`: 1024 to 32768 bits.</summary>
    public const int BytesMin = 128;
    public const int BytesMax = 4096;

    private const int NewBytes = 256;
    private const UnixFileMode ForOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>What is wrong with the file, with the remedy; null when it can be used.</summary>
    public static string? Problem(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return $"key-file {path} is not there: make it once (head -c {NewBytes} /dev/urandom > {path}; chmod 600 {path}) and copy it to every node";
            }
            if ((File.GetUnixFileMode(path) & ForOthers) != 0)
            {
                return $"key-file {path} can be used by others than its owner: chmod 600 {path}";
            }
            if (FileOwner.Of(path) is { Ok: true } owner && owner.Value != 0 && owner.Value != Privileges.UserId)
            {
                return $"key-file {path} belongs to user {owner.Value}: it must be root's or our own (chown root {path})";
            }
            // Opened, not only looked at: whether we may read it is part of the question.
            using FileStream file = File.OpenRead(path);
            return file.Length switch
            {
                < BytesMin => $"key-file {path} has {file.Length} bytes, at least {BytesMin} random ones are needed: make it anew and copy it to every node",
                > BytesMax => $"key-file {path} has {file.Length} bytes, at most {BytesMax} are taken: make it anew and copy it to every node",
                _ => null,
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"key-file {path} cannot be read: {failure.Message}";
        }
    }

    /// <summary>Makes a new key of 256 random bytes for its owner alone. It is there whole or not at all; one that exists is left as it is.</summary>
    /// <returns>What went wrong; null when the file was made.</returns>
    public static string? Create(string path)
    {
        byte[] key = new byte[NewBytes];
        KernelRandom.Fill(key);
        return Install(path, key);
    }

    /// <summary>The key of another node, as <see cref="Create"/> would have made it.</summary>
    /// <returns>What went wrong; null when the file was made, or has been the same before.</returns>
    public static string? Install(string path, ReadOnlySpan<byte> key)
    {
        if (key.Length is < BytesMin or > BytesMax)
        {
            return $"a key has {BytesMin} to {BytesMax} bytes, these are {key.Length}";
        }
        string half = $"{path}.{Environment.ProcessId}";
        try
        {
            if (File.Exists(path))
            {
                return File.ReadAllBytes(path).AsSpan().SequenceEqual(key) ? null
                    : $"key-file {path} is there already, and is another one: if the new one is right, remove it first (rm {path})";
            }
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (FileStream file = new(half, options))
            {
                file.Write(key);
                file.Flush(flushToDisk: true);
            }
            File.Move(half, path, overwrite: false);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(half)) { File.Delete(half); }
            return File.Exists(path) ? $"key-file {path} is there already" : $"key-file {path} cannot be made: {failure.Message}";
        }
    }
}
