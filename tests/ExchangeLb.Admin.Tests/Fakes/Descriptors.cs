using System;
using System.Net.Sockets;

namespace ExchangeLb.Admin.Tests.Fakes;

/// <summary>Connections as a loop hands them over: bare descriptors.</summary>
internal static class Descriptors
{
    /// <summary>Takes the descriptor out of a socket that has done nothing asynchronous yet.</summary>
    public static int TakeFrom(Socket socket)
    {
        socket.Blocking = false;
        int descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        socket.SafeHandle.SetHandleAsInvalid();
#pragma warning disable CA1816 // Its finalizer would wait for ever for a handle that it no longer owns.
        GC.SuppressFinalize(socket);
#pragma warning restore CA1816
        return descriptor;
    }
}
