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
    private static T? t_listener;

    [ThreadStatic]
    private static ExceptionDispatchInfo? t_failure;

    internal static void Enter(T listener) => t_listener = listener;

    internal static void Leave()
    {
        t_listener = null;
        ExceptionDispatchInfo? failure = t_failure;
        t_failure = null;
        failure?.Throw();
    }

    internal static T? Listener => t_failure is null ? t_listener : null;

    internal static bool HasFailed => t_failure is not null;

    internal static void Fail(Exception failure) => t_failure ??= ExceptionDispatchInfo.Capture(failure);
}
