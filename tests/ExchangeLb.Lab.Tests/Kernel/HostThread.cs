using System;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading;
using ExchangeLb.Lab.Tests.World;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>A thread that lives inside a host's namespace, and does there what it is given: code that opens sockets and knows nothing of namespaces.</summary>
internal sealed class HostThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    internal HostThread(NetworkNamespace host)
    {
        // Inside() starts a thread of its own, and a thread inherits the namespace of the one that starts it.
        _thread = host.Inside(() =>
        {
            Thread thread = new(() =>
            {
                foreach (Action action in _work.GetConsumingEnumerable()) { action(); }
            })
            { IsBackground = true, Name = host.Name };
            thread.Start();
            return thread;
        });
    }

    internal void Do(Action action) => Do(() =>
    {
        action();
        return true;
    });

    internal T Do<T>(Func<T> function)
    {
        T? value = default;
        ExceptionDispatchInfo? failure = null;
        using ManualResetEventSlim done = new();
        _work.Add(() =>
        {
            try { value = function(); }
            catch (Exception exception) { failure = ExceptionDispatchInfo.Capture(exception); }
            finally { done.Set(); }
        });
        Assert(done.Wait(TimeSpan.FromSeconds(60)));
        failure?.Throw();
        return value!;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private static void Assert(bool held)
    {
        if (!held) { throw new TimeoutException("a host's thread did not end its work"); }
    }
}
