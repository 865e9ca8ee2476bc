using System;
using System.IO;
using System.Text;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>A log file that takes at most twice its limit on disk: when it is full it becomes FILE.1, in place of the one before.</summary>
internal sealed class BoundedLog(string path, long bytesMax) : IDisposable
{
    private FileStream? _file;

    /// <summary>A disk that is full or read-only loses the line, nothing else.</summary>
    internal void Write(string line)
    {
        try
        {
            _file ??= Open();
            _file.Write(Encoding.UTF8.GetBytes(line + '\n'));
            _file.Flush();
            if (_file.Length >= bytesMax)
            {
                Dispose();
                File.Move(path, path + ".1", overwrite: true);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private FileStream Open() => new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
}
