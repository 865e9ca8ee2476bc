using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace ExchangeLb.Linux.Process;

/// <summary>
/// Starts a program in a session of its own (posix_spawn(3) with POSIX_SPAWN_SETSID), without the pipes, threads and exit watching of
/// System.Diagnostics.Process. Standard streams, working directory and descriptors without FD_CLOEXEC are inherited.
/// </summary>
public static unsafe partial class Spawn
{
    private const short POSIX_SPAWN_SETSIGMASK = 0x08;
    private const short POSIX_SPAWN_SETSID = 0x80;
    private const int EINTR = 4;

    // glibc on 64 bits: posix_spawnattr_t has 336 bytes, posix_spawn_file_actions_t 80, sigset_t 128. Room with a margin.
    private const int AttributeBytes = 512;
    private const int ActionBytes = 256;
    private const int SignalSetBytes = 128;

    /// <param name="keptDescriptor">Stays open across exec under the same number, though it has FD_CLOEXEC here.</param>
    /// <param name="pid">The new process; the caller must collect its end with <see cref="WaitExit"/> or end itself.</param>
    /// <returns>0 or an errno, for example ENOENT when <paramref name="program"/> is not there.</returns>
    public static int InOwnSession(
        string program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, int keptDescriptor, out int pid)
    {
        byte* attributes = stackalloc byte[AttributeBytes];
        byte* actions = stackalloc byte[ActionBytes];
        byte* noSignals = stackalloc byte[SignalSetBytes];
        new System.Span<byte>(noSignals, SignalSetBytes).Clear();
        _ = posix_spawnattr_init(attributes);
        _ = posix_spawn_file_actions_init(actions);
        using StringVector argv = new(arguments);
        using StringVector envp = new(environment);
        _ = posix_spawnattr_setsigmask(attributes, noSignals);
        _ = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
        // dup2 onto itself: glibc 2.29 and later then only clears FD_CLOEXEC (posix_spawn_file_actions_adddup2, POSIX issue 8).
        int error = posix_spawn_file_actions_adddup2(actions, keptDescriptor, keptDescriptor);
        pid = 0;
        if (error == 0)
        {
            error = posix_spawn(out pid, program, actions, attributes, argv.Pointer, envp.Pointer);
        }
        _ = posix_spawn_file_actions_destroy(actions);
        _ = posix_spawnattr_destroy(attributes);
        return error;
    }

    /// <summary>Waits for the end of a child: its exit code, or 128 + the number of the signal that killed it, as a shell says it.</summary>
    public static int WaitExit(int pid)
    {
        int status;
        while (waitpid(pid, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != EINTR)
            {
                return 1; // ECHILD: somebody else has collected it; that it ended without being ready is a failure all the same
            }
        }
        int signal = status & 0x7f; // WTERMSIG, WEXITSTATUS: wait(2)
        return signal != 0 ? 128 + signal : (status >> 8) & 0xff;
    }

    /// <summary>A `char *const []` with its null at the end.</summary>
    private sealed class StringVector : System.IDisposable
    {
        private readonly int _count;

        public StringVector(IReadOnlyList<string> items)
        {
            _count = items.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
            for (int i = 0; i < _count; i++)
            {
                byte[] text = Encoding.UTF8.GetBytes(items[i]);
                byte* copy = (byte*)NativeMemory.AllocZeroed((nuint)text.Length + 1);
                Marshal.Copy(text, 0, (nint)copy, text.Length);
                Pointer[i] = copy;
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (int i = 0; i < _count; i++)
            {
                NativeMemory.Free(Pointer[i]);
            }
            NativeMemory.Free(Pointer);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(out int pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int descriptor, int target);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int pid, int* status, int options);
}
