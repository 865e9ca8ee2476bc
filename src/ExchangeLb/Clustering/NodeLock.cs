using System;
using System.Globalization;
using System.IO;
using System.Net.Sockets;

namespace ExchangeLb.Clustering;

/// <summary>
/// A host, which is what has a network namespace of its own, is one node at a time, whatever the state folders are: the fence's tables, the leases, the
/// addresses and Corosync's sockets have fixed names there, and a second node would tear down what the first one holds.
/// </summary>
/// <remarks>
/// A name in the kernel's abstract space (unix(7)): one for each network namespace, also where containers share it and no folder; given back when this
/// process ends, however it ends.
/// </remarks>
internal sealed class NodeLock : IDisposable
{
    internal const string Name = "exchangelb-node";

    private readonly Socket _held;

    private NodeLock(Socket held) => _held = held;

    /// <returns>Null, and what to do about it, in one sentence.</returns>
    public static NodeLock? Take(out string problem, string name = Name)
    {
        problem = "";
        UnixDomainSocketEndPoint place = new("\0" + name);
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(place);
            socket.Listen(1); // the kernel remembers for whoever asks who we are
            return new NodeLock(socket);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            problem = failure.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"a node runs on this host already{Holder(place)}: a host is one node; stop that one first, or ask it (exchangelb status --state FOLDER)"
                : $"this host can't be made one node's: {failure.Message}";
            return null;
        }
    }

    public void Dispose() => _held.Dispose();

    /// <summary>`, process 10808 (exchangelb)`; nothing where it can't be found out: it may just be ending, and its queue is short.</summary>
    private static string Holder(UnixDomainSocketEndPoint place)
    {
        using Socket question = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            question.Connect(place);
            int process = PeerProcess.Of(question);
            string program = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/comm")).TrimEnd('\n');
            return string.Create(CultureInfo.InvariantCulture, $", process {process} ({program})");
        }
        catch (Exception failure) when (failure is SocketException or IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
