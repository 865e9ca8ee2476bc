using System;
using System.Globalization;
using System.Net.Sockets;

namespace ExchangeLb.Clustering;

/// <summary>
/// A host, which is what has a network namespace of its own, is one node at a time, whatever the state folders are: the fence's tables, the leases, the
/// addresses and Corosync's sockets have fixed names there, and a second node would tear down what the first one holds.
/// </summary>
/// <remarks>
/// A name in the kernel's abstract space (unix(7)): one for each network namespace, also where containers share it and no folder; given back when this
/// process ends, however it ends. Any user may take such a name: one who can't be a node (<see cref="NameHolder"/>) does not keep a node from starting, unless
/// he listens, and can be neither asked nor looked up.
/// </remarks>
internal sealed class NodeLock : IDisposable
{
    internal const string Name = "exchangelb-node";

    private readonly Socket? _held;

    private NodeLock(Socket? held, string? warning) => (_held, Warning) = (held, warning);

    /// <summary>Null, or who has the name and is no node, so that nothing stops a second node; in one sentence.</summary>
    public string? Warning { get; }

    /// <returns>Null, and what to do about it, in one sentence.</returns>
    public static NodeLock? Take(out string problem, string name = Name) => Take(out problem, name, NameHolder.Of);

    /// <param name="again">Asked where it can't be had, perhaps of a process that is about to end: true, after a while, to try once more.</param>
    public static NodeLock? Take(out string problem, Func<bool> again, string name = Name)
    {
        NodeLock? taken;
        while ((taken = Take(out problem, name)) is null && again()) { }
        return taken;
    }

    internal static NodeLock? Take(out string problem, string name, Func<string, NameHolder?> holderOf)
    {
        problem = "";
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint("\0" + name));
            socket.Listen(1); // the kernel remembers for whoever asks who we are
            return new NodeLock(socket, null);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            if (failure.SocketErrorCode == SocketError.AddressAlreadyInUse) { return Beside(holderOf(name), name, out problem); }
            problem = $"this host can't be made one node's: {failure.Message}";
            return null;
        }
    }

    public void Dispose() => _held?.Dispose();

    private static NodeLock? Beside(NameHolder? holder, string name, out string problem)
    {
        bool refused = holder is null or { IsBelieved: true };
        problem = refused
            ? $"a node runs on this host already{(holder is null ? $", or another program has taken the name @{name} (ss -xlp)" : $", {holder}")}: a host is one node; stop that one first, or ask it (exchangelb status --state FOLDER)"
            : "";
        return refused ? null : new NodeLock(null, string.Create(CultureInfo.InvariantCulture,
            $"{holder} of {holder!.Owner} has taken the name @{name}, by which a host is one node, and can't be one: this node starts all the same, and a second one would not be noticed; end that process, then restart this node"));
    }
}
