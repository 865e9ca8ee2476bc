using System;
using System.Runtime.ExceptionServices;

namespace ExchangeLb.Linux.Corosync;

/// <summary>
/// Who hears the callbacks of the dispatch call that runs on this thread: the libraries start no thread of their own. An exception must not
/// cross their frames, so it is kept and thrown again behind the call.
/// </summary>
internal static class DispatchedListener<T> where T : class
{
    [ThreadStatic]
    private static T? _listener;

    [ThreadStatic]
    private static ExceptionDispatchInfo? _failure;

    internal static void Enter(T listener) => _listener = listener;

    internal static void Leave()
    {
        _listener = null;
        ExceptionDispatchInfo? failure = _failure;
        _failure = null;
        failure?.Throw();
    }

    internal static T? Listener => _failure is null ? _listener : null;

    internal static bool HasFailed => _failure is not null;

    internal static void Fail(Exception failure) => _failure ??= ExceptionDispatchInfo.Capture(failure);
}
