using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace ExchangeLb.DrillClient.Probing;

/// <summary>One plain connection from each of many addresses: each leaves an entry in the stick table.</summary>
internal static class AddressFill
{
    /// <summary>Connections at a time: enough to keep two cores busy, too few to overflow a listener's queue.</summary>
    private const int AtOnce = 32;

    internal static int Run(Options options)
    {
        int next = -1, opened = 0;
        Task[] workers = new Task[AtOnce];
        uint first = ToNumber(options.Sources[0]);
        for (int worker = 0; worker < AtOnce; worker++)
        {
            workers[worker] = Task.Run(async () =>
            {
                for (int number = Interlocked.Increment(ref next); number < options.Fill; number = Interlocked.Increment(ref next))
                {
                    if (await Touch(options, FromNumber(first + (uint)number)).ConfigureAwait(false)) { Interlocked.Increment(ref opened); }
                }
            });
        }
        Task.WaitAll(workers);
        Console.Out.WriteLine($"{opened} of {options.Fill} addresses were served");
        return opened == options.Fill ? 0 : 1;
    }

    /// <summary>A byte to be read, then a reset: neither side keeps a TIME_WAIT.</summary>
    private static async Task<bool> Touch(Options options, IPAddress source)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
        using CancellationTokenSource limit = new(options.Timeout);
        try
        {
            socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(options.Service, limit.Token).ConfigureAwait(false);
            // No TLS begins with this; the server answers with an alert, which proves that it was reached and the entry is there.
            await socket.SendAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray(), limit.Token).ConfigureAwait(false);
            return await socket.ReceiveAsync(new byte[64], limit.Token).ConfigureAwait(false) > 0;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private static uint ToNumber(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        return ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
    }

    private static IPAddress FromNumber(uint number) => new([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
}
