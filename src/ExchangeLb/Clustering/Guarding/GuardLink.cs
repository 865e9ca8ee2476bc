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
    private string _form = "";

    /// <summary>The guard that is there has just read cluster.cfg, or turned a greeting of the file that was taken over away: it is greeted by the one on disk, and told of the other.</summary>
    private volatile bool _isFresh;
    private volatile bool _isAnswered;

    /// <summary>Of the last line about VIPs, what the guard's buffer had no room for.</summary>
    private byte[] _unsaid = [];
    private bool _begun;
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
    /// <param name="form">Of the cluster.cfg that was taken over, which is not always the one on disk: <see cref="GuardTalk.FormOf"/>.</param>
    public void Protect(string form, ImmutableArray<VipModel> vips)
    {
        lock (_telling)
        {
            (_form, _vips) = (form, vips);
            SayVips();
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
            lock (_telling)
            {
                if (SayRest()) { Volatile.Read(ref _socket)?.Send(BeatLine, SocketFlags.None, out _); }
            }
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
            socket.Blocking = false; // a guard that stands still must not stop the lease thread
            string? onDisk = _isFresh ? GuardTalk.Form(paths.ClusterFile) : null;
            _isAnswered = false;
            lock (_telling)
            {
                Say(socket, GuardTalk.HelloLine(incarnation, Environment.ProcessId, onDisk ?? _form));
                Volatile.Write(ref _socket, socket);
                _begun = false;
                SayVips();
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

    /// <summary>Under the lock. The guard is to know the last list, not each.</summary>
    private void SayVips()
    {
        byte[] line = Encoding.ASCII.GetBytes(GuardTalk.VipsLine(_form, _vips));
        _unsaid = _begun ? [.. _unsaid, .. line] : line;
        SayRest();
    }

    /// <summary>Under the lock; never waits.</summary>
    /// <returns>True: nothing is left to be said before the next line.</returns>
    private bool SayRest()
    {
        if (_unsaid.Length == 0 || Volatile.Read(ref _socket) is not { } socket) { return true; }
        try
        {
            int sent = socket.Send(_unsaid, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success) { return false; }
            _unsaid = _unsaid[sent..];
            _begun = _unsaid.Length > 0;
            return !_begun;
        }
        catch (ObjectDisposedException)
        {
            return false; // the next guard is told
        }
    }

    private string? GetGuard()
    {
        _isFresh = true;
        return OfUnit ? AwaitGuard() : StartGuard();
    }

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
                _isFresh = !_isAnswered;
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
            _isAnswered = true;
            Answered?.Invoke();
            Hold(words[1], words[2]);
        }
        else if (words[0] == GuardTalk.Former)
        {
            note("guard", $"the guard killed the process before this one: {line[(GuardTalk.Former.Length + 1)..]}");
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
