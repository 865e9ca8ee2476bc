using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Threading;
using ExchangeLb.DrillClient.Figures;

namespace ExchangeLb.DrillClient.Watching;

/// <summary>Writes down who speaks for the virtual IP on the service network's bridge, and asks for it. A thread of its own, in the bridge's namespace.</summary>
internal sealed class BridgeWatch : IDisposable
{
    private const long AskEveryUs = 20_000;

    /// <summary>Locally administered, of no host: the bridge floods the answers, so they are seen here.</summary>
    private static readonly byte[] AskerHardware = [0x02, 0x45, 0x4c, 0x42, 0x00, 0x01];

    private readonly Options _options;
    private readonly Timeline _time;
    private readonly Dictionary<ulong, string> _nodes;
    private readonly OwnerRuns _runs = new();
    private readonly ManualResetEventSlim _listening = new();
    private readonly Thread _thread;
    private Exception? _failure;
    private volatile bool _stop;

    /// <exception cref="IOException">The bridge cannot be listened to.</exception>
    internal BridgeWatch(Options options, Timeline time)
    {
        _options = options;
        _time = time;
        _nodes = options.Nodes.ToDictionary(node => Number(PhysicalAddress.Parse(node.Value).GetAddressBytes()), node => node.Key);
        _thread = new Thread(Listen) { Name = "watch", IsBackground = true };
        _thread.Start();
        _listening.Wait();
        if (_failure is not null) { throw new IOException($"the bridge cannot be watched: {_failure.Message}", _failure); }
    }

    internal OwnerHistory Finish()
    {
        Dispose();
        return _runs.History;
    }

    public void Dispose()
    {
        _stop = true;
        if (_thread.IsAlive) { _thread.Join(); }
    }

    private void Listen()
    {
        try
        {
            if (_options.Namespace is { } name) { PacketSocket.Enter(name); }
            using PacketSocket socket = new(_options.Bridge!, Frames.Filter(_options.Service.Address), TimeSpan.FromMicroseconds(AskEveryUs));
            byte[] question = Frames.Question(AskerHardware, Asker(_options.Service.Address), _options.Service.Address);
            _listening.Set();
            Watch(socket, question);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            _failure = exception;
            _listening.Set();
        }
    }

    private void Watch(PacketSocket socket, byte[] question)
    {
        byte[] buffer = new byte[Frames.Interesting];
        byte[] address = _options.Service.Address.GetAddressBytes();
        long asked = 0;
        while (!_stop)
        {
            int length = socket.Receive(buffer);
            long now = _time.NowUs;
            if (length > 0)
            {
                Claim claim = Frames.ClaimOf(buffer.AsSpan(0, length), address);
                if (claim != Claim.None) { _runs.Add(NodeOf(buffer.AsSpan(6, 6)), _time.FromUnix(socket.ReceivedAt()), claim == Claim.Announces); }
            }
            if (now - asked >= AskEveryUs)
            {
                socket.Send(question);
                asked = now;
            }
        }
    }

    private string NodeOf(ReadOnlySpan<byte> hardware) =>
        _nodes.TryGetValue(Number(hardware), out string? node) ? node : Convert.ToHexString(hardware);

    /// <summary>.250 (::fa) of the same network: of no host of the lab.</summary>
    private static IPAddress Asker(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        bytes[^1] = 250;
        return new IPAddress(bytes);
    }

    private static ulong Number(ReadOnlySpan<byte> hardware)
    {
        ulong number = 0;
        foreach (byte value in hardware) { number = (number << 8) | value; }
        return number;
    }
}
