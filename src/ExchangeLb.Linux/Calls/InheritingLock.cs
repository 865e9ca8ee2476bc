using System;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Calls;

/// <summary>
/// A lock for threads of different priority: whoever has it runs at the priority of the highest that waits for it (PTHREAD_PRIO_INHERIT,
/// pthread_mutexattr_setprotocol(3), futex(2) FUTEX_LOCK_PI). With an ordinary one a real-time thread waits for one that has the lock and, behind other real-time
/// threads, no processor. Not recursive. To be held shortly: it does not spin, and nobody is told how long he waits.
/// </summary>
public sealed unsafe partial class InheritingLock
{
    private const string Library = "libpthread.so.0";   // the functions themselves, or (glibc 2.34) what leads to them in libc
    private const int PTHREAD_PRIO_INHERIT = 1;
    private const int PTHREAD_MUTEX_ERRORCHECK = 2;

    /// <summary>pthread_mutex_t has 40 bytes on x86-64, pthread_mutexattr_t 4.</summary>
    private const int MutexBytes = 64;

    private readonly void* _mutex = NativeMemory.AlignedAlloc(MutexBytes, MutexBytes);

    /// <exception cref="InvalidOperationException">The host's library makes none.</exception>
    public InheritingLock()
    {
        NativeMemory.Clear(_mutex, MutexBytes);
        long attributes = 0;
        int error = pthread_mutexattr_init(&attributes);
        error = error != 0 ? error : pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
        error = error != 0 ? error : pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
        error = error != 0 ? error : pthread_mutex_init(_mutex, &attributes);
        Check(error);
        _ = pthread_mutexattr_destroy(&attributes);
    }

    ~InheritingLock() => NativeMemory.AlignedFree(_mutex);      // nobody has it any more; a futex needs no other end

    /// <summary>Waits until the lock is the caller's, to the end of the answer's life.</summary>
    /// <exception cref="InvalidOperationException">The caller has it already.</exception>
    public Scope Enter()
    {
        Check(pthread_mutex_lock(_mutex));
        return new Scope(this);
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"a lock with priority inheritance: {(Errno)error}");
        }
    }

    [LibraryImport(Library)]
    private static partial int pthread_mutexattr_init(void* attributes);

    [LibraryImport(Library)]
    private static partial int pthread_mutexattr_settype(void* attributes, int type);

    [LibraryImport(Library)]
    private static partial int pthread_mutexattr_setprotocol(void* attributes, int protocol);

    [LibraryImport(Library)]
    private static partial int pthread_mutexattr_destroy(void* attributes);

    [LibraryImport(Library)]
    private static partial int pthread_mutex_init(void* mutex, void* attributes);

    [LibraryImport(Library)]
    private static partial int pthread_mutex_lock(void* mutex);

    [LibraryImport(Library)]
    private static partial int pthread_mutex_unlock(void* mutex);

    /// <summary>The lock is given back at its end, by the thread that took it.</summary>
    public readonly ref struct Scope(InheritingLock taken)
    {
        public void Dispose()
        {
            Check(pthread_mutex_unlock(taken._mutex));
            GC.KeepAlive(taken);
        }
    }
}
