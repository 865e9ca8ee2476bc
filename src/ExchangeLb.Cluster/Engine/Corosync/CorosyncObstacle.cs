using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>Why Corosync could not run here, found before it is started, since its own words are for its developers. On the thread that will start it.</summary>
internal static class CorosyncObstacle
{
    private static readonly string[] Folders = ["/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/bin"];

    /// <summary>The program's full name; null: it is not installed.</summary>
    internal static string? Program() => Find("corosync");

    /// <summary>For people; null: there is none.</summary>
    internal static string? Find(ClusterModel model, ClusterNodeModel self)
    {
        if (Program() is null) { return "there is no corosync program here: install the package corosync, version 3"; }
        if (ClusterKey.Problem(model.KeyFile) is { } problem) { return problem; }
        for (int link = 0; link < self.Addresses.Length; link++)
        {
            if (AtAddress(self, self.Addresses[link], model.Port + link) is { } obstacle) { return obstacle; }
        }
        return null;
    }

    internal static string? Find(string program) => Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string? AtAddress(ClusterNodeModel self, IPAddress address, int port)
    {
        try
        {
            using Socket socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, port));
            return null;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode switch
            {
                SocketError.AddressNotAvailable => $"this host has no address {address}, which cluster.cfg gives to node {self.Name}: is --node right, and is the interface up?",
                SocketError.AddressAlreadyInUse => $"UDP port {port} of {address} is in use: stop what uses it, or choose another `port` in cluster.cfg, on all nodes",
                _ => $"UDP port {port} of {address} cannot be used: {failure.Message}",
            };
        }
    }
}
