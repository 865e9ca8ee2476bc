using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Logging;

/// <summary>The line for a connection of a frontend that has no `option tcplog`: `Connect from … to … (frontend/MODE)`.</summary>
public static class ConnectLogLine
{
    /// <summary>Returns the length; without frame and line end, cut off where the buffer ends.</summary>
    /// <param name="client">IPv6, or IPv4 as ::ffff:a.b.c.d; so is <paramref name="local"/>, the address that the client came to.</param>
    /// <param name="frontend">Name in UTF-8.</param>
    public static int Write(
        UInt128 client, int clientPort, UInt128 local, int localPort, ReadOnlySpan<byte> frontend, ProxyMode mode, Span<byte> destination)
    {
        LineWriter line = new(destination);
        line.Add("Connect from "u8);
        AddressText.AddEndpoint(ref line, client, clientPort);
        line.Add(" to "u8);
        AddressText.AddEndpoint(ref line, local, localPort);
        line.Add(" ("u8);
        line.Add(frontend);
        line.Add(mode == ProxyMode.Http ? "/HTTP)"u8 : "/TCP)"u8);
        return line.Length;
    }
}
