using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Clustering.Guarding;

/// <summary>
/// The balancer's end of the line to its guard: starts one where none runs, says hello, beats, and starts another when it is lost.
/// </summary>
/// <param name="note">Told of events (kind, text).</param>
internal sealed class GuardLink(ClusterPaths paths, string node, ulong incarnation, Action<string, string> note) : IAsyncDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(10);
    private static readonly byte[] BeatLine = Encoding.ASCII.GetBytes(GuardTalk.Beat + "\n");

    private static readonly TimeSpan WatchingEndsBy = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _telling = new();
    private ImmutableArray<VipModel> _vips = [];
    private Socket? _socket;
    private Task _watching = Task.CompletedTask;
    private int _pid;

    /// <summary>Where sockets of quiet sessions are held beyond this process. To be given to <see cref="IRecordedSessions.HoldIn"/>; unused it costs nothing.</summary>
    public GuardedSockets Sockets { get; } = new();

    public GuardSnapshot Snapshot() => new() { Running = Volatile.Read(ref _socket) is not null, Pid = Volatile.Read(ref _pid) };

    /// <summary>A unit of systemd runs the guard, and starts it again: it is waited for, never started, and never told to stop.</summary>
    public bool OfUnit { get; init; }

    /// <summary>Called when the guard has answered this process, and so has done with the former one. On any thread.</summary>
    public Action? Answered { get; set; }

    /// <summary>What the guard is to give up should this process end. Any thread; the guard is told of it, and so is each that comes after it.</summary>
    public ImmutableArray<VipModel> Vips
    {
        get
        {
            lock (_telling) { return _vips; }
        }
        set
        {
            lock (_telling)
            {
                _vips = value;
                if (Volatile.Read(ref _socket) is { } socket) { SayVips(socket); }
            }
        }
    }

    /// <summary>Connects to a guard that runs, or starts one.</summary>
    /// <returns>Null, or why there is none.</returns>
    public string? Start()
    {
        string? problem = Connect() ? null : GetGuard();
        if (problem is null)
        {
            _watching = Task.Run(WatchAsync);
        }
        return problem;
    }

    /// <summary>The lease thread's; never waits. A guard that hears nothing for a while kills this process.</summary>
    public void Beat()
    {
        try
        {
            Volatile.Read(ref _socket)?.Send(BeatLine, SocketFlags.None, out _);
        }
        catch (Exception failure) when (failure is ObjectDisposedException or SocketException)
        {
            // The watching task notices the end of the connection by itself.
        }
    }

    /// <summary>Ends the guard, and with it what it supervises; waits until it has gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(_watching, Task.Delay(WatchingEndsBy)).ConfigureAwait(false); // it may be starting another guard now
        if (!OfUnit && Volatile.Read(ref _socket) is { } socket)
        {
            Say(socket, GuardTalk.Stop + "\n");
            long started = Stopwatch.GetTimestamp();
            while (File.Exists(paths.GuardSocket) && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5))
            {
                await Task.Delay(10).ConfigureAwait(false);
            }
        }
        Sockets.Dispose();
        EndReading();
        await _watching.ConfigureAwait(false);
        if (Interlocked.Exchange(ref _socket, null) is { } last)
        {
            Close(last);
        }
        _stop.Dispose();
    }

    private void EndReading()
    {
        try
        {
            Volatile.Read(ref _socket)?.Shutdown(SocketShutdown.Both);
        }
        catch (Exception failure) when (failure is ObjectDisposedException or SocketException)
        {
            // The guard was quicker.
        }
    }

    /// <summary>From now on this process ends in order: its silence means nothing any more.</summary>
    public void SayEnding()
    {
        Sockets.Disconnect();
        if (Volatile.Read(ref _socket) is { } socket)
        {
            Say(socket, GuardTalk.Ending + "\n");
        }
    }

    private bool Connect()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(paths.GuardSocket));
            socket = AfterSessions(socket);
            Say(socket, GuardTalk.HelloLine(incarnation, Environment.ProcessId, GuardTalk.Form(paths.ClusterFile)));
            lock (_telling)
            {
                SayVips(socket);
                socket.Blocking = false; // a guard that stands still must not stop the lease thread
                Volatile.Write(ref _socket, socket);
            }
            return true;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }
    }

    /// <summary>
    /// When this process is killed, its sessions and listeners are closed before this line: clients hear the end of their connections, and a moment
    /// later the guard hears of it, and fences.
    /// </summary>
    private static Socket AfterSessions(Socket socket)
    {
        int fd = LowDescriptors.MoveToTop((int)socket.Handle);
        socket.SafeHandle.SetHandleAsInvalid();
        return new Socket(new SafeSocketHandle(fd, ownsHandle: false));     // disposing of one that owns it waits for ever for its handle to be closed
    }

    /// <summary>The place that the line had is the next one's.</summary>
    private static void Close(Socket socket)
    {
        int fd = (int)socket.Handle;
        socket.Dispose();
        LowDescriptors.Close(fd);
    }

    private static void Say(Socket socket, string line)
    {
        try
        {
            socket.Send(Encoding.ASCII.GetBytes(line));
        }
        catch (Exception failure) when (failure is ObjectDisposedException or SocketException)
        {
            // It has gone: what was to be said is pointless.
        }
    }

    private void SayVips(Socket socket) => Say(socket, GuardTalk.VipsLine(GuardTalk.Form(paths.ClusterFile), _vips));

    private string? GetGuard() => OfUnit ? AwaitGuard() : StartGuard();

    private string? AwaitGuard()
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < StartWithin && !_stop.IsCancellationRequested)
        {
            if (Connect())
            {
                return null;
            }
            Thread.Sleep(20);
        }
        return $"no guard answers on {paths.GuardSocket}, which a unit is to run: systemctl status exchangelb-guard says why";
    }

    private string? StartGuard()
    {
        // A socket file without a guard behind it: its last life was killed.
        File.Delete(paths.GuardSocket);
        List<string> words = [.. OwnProgram(), "guard", "--cluster", paths.ClusterFile, "--node", node, "--state", paths.State];
        int error = Spawn.InOwnSession(Environment.ProcessPath!, words, OwnEnvironment(), 2, out int pid);
        if (error != 0)
        {
            return $"the guard could not be started: {Marshal.GetPInvokeErrorMessage(error)}";
        }
        _ = Task.Run(() => Spawn.WaitExit(pid)); // no zombie is left
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < StartWithin)
        {
            if (Connect())
            {
                return null;
            }
            if (!Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}")))
            {
                break;
            }
            Thread.Sleep(5);
        }
        Signals.Send(pid, Signal.SIGKILL);
        return $"the guard did not start: {LastLine(paths.GuardLog)}";
    }

    /// <summary>The words before ours on the command line: a path, or `dotnet exchangelb.dll`.</summary>
    private static IEnumerable<string> OwnProgram()
    {
        string[] words = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).TrimEnd('\0').Split('\0');
        yield return words[0];
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" && words.Length > 1)
        {
            yield return words[1];
        }
    }

    private static List<string> OwnEnvironment()
    {
        List<string> environment = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key as string is not "NOTIFY_SOCKET")
            {
                environment.Add($"{variable.Key}={variable.Value}");
            }
        }
        return environment;
    }

    internal static string LastLine(string file)
    {
        try
        {
            string[] lines = File.ReadAllLines(file);
            return lines.Length > 0 ? lines[^1] : "it said nothing";
        }
        catch (IOException)
        {
            return $"and {file} does not say why";
        }
    }

    /// <summary>Reads what the guard says; when it is lost, starts another.</summary>
    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (Volatile.Read(ref _socket) is { } socket)
            {
                await ReadAsync(socket).ConfigureAwait(false);
                if (_stop.IsCancellationRequested)
                {
                    return;
                }
                Interlocked.Exchange(ref _socket, null);
                Sockets.Disconnect();
                Close(socket);
                note("guard", OfUnit ? "the guard was lost; its unit is to start another" : "the guard was lost; starting another");
                await Task.Delay(TimeSpan.FromMilliseconds(100), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            if (!_stop.IsCancellationRequested && !Connect() && TryGetGuard() is { } problem)
            {
                note("guard", problem);
                await Task.Delay(TimeSpan.FromSeconds(5), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private string? TryGetGuard()
    {
        try
        {
            return GetGuard();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"the guard could not be started: {failure.Message}";
        }
    }

    private async Task ReadAsync(Socket socket)
    {
        byte[] buffer = new byte[GuardTalk.LineMaxBytes];
        int filled = 0;
        try
        {
            int got;
            while (filled < buffer.Length && (got = await socket.ReceiveAsync(buffer.AsMemory(filled)).ConfigureAwait(false)) > 0)
            {
                filled += got;
                int from = 0;
                int end;
                while ((end = Array.IndexOf(buffer, (byte)'\n', from, filled - from)) >= 0)
                {
                    Take(Encoding.UTF8.GetString(buffer, from, end - from));
                    from = end + 1;
                }
                buffer.AsSpan(from, filled - from).CopyTo(buffer);
                filled -= from;
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Lost: the caller knows what to do.
        }
    }

    private void Take(string line)
    {
        string[] words = line.Split(' ', 3);
        if (words[0] == GuardTalk.Guard && words.Length == 3 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
        {
            Volatile.Write(ref _pid, pid);
        }
        else if (words[0] == GuardTalk.Holds && words.Length == 3)
        {
            Answered?.Invoke();
            Hold(words[1], words[2]);
        }
        else if (words[0] == GuardTalk.Engine)
        {
            note("corosync", line[(GuardTalk.Engine.Length + 1)..]);
        }
    }

    private void Hold(string sessions, string lack)
    {
        string? problem = sessions == "0" ? lack : Sockets.Connect(HeldTalk.PathBeside(paths.GuardSocket));
        if (problem is not null && !_stop.IsCancellationRequested)
        {
            note("guard", $"the guard can't hold sockets of quiet sessions, which end with this process: {problem}");
        }
    }
}
