using System;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Core.Model;
using ExchangeLb.Lab.Tests.Kernel;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Nftables;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>A node, or the client, with its fence. What makes sockets or rules is done on a thread inside its namespace.</summary>
internal sealed class RepairNode : IDisposable
{
    private readonly HostThread _thread;
    private readonly NftLibrary _nft;

    internal RepairNode(NetworkNamespace host)
    {
        Host = host;
        _thread = new HostThread(host);
        _nft = _thread.Do(() => NftLibrary.TryOpen())!;
        Nft("""
            add table inet fence
            add chain inet fence inward { type filter hook prerouting priority -300; }
            add chain inet fence outward { type filter hook output priority -300; }
            """);
        Fence();
    }

    internal NetworkNamespace Host { get; }

    internal KernelBuffers Buffers { get; set; } = KernelBuffers.OfHost;

    internal T Inside<T>(Func<T> function) => _thread.Do(function);

    internal void Fence() => Nft("""
        flush table inet fence
        add rule inet fence inward drop
        add rule inet fence outward drop
        """);

    /// <summary>
    /// What others send is lost; they hear this one. So bytes get lost on their way: what the fence drops outward is not even sent, as TCP is
    /// told at once, and keeps it as unsent.
    /// </summary>
    internal void FenceInward() => Nft("""
        flush table inet fence
        add rule inet fence inward drop
        """);

    /// <summary>What this one sends is kept back; it hears others.</summary>
    internal void FenceOutward() => Nft("""
        flush table inet fence
        add rule inet fence outward drop
        """);

    /// <summary>And announces itself: any frame does.</summary>
    internal void OpenFence()
    {
        Nft("flush table inet fence");
        Inside(() =>
        {
            using UdpClient announcement = new(AddressFamily.InterNetwork);
            return announcement.Send([0], new IPEndPoint(RepairWorld.ClientAddress, 9));
        });
    }

    /// <summary>The product's own fence, too, in which this VIP has a lease.</summary>
    internal void PutUpFence(IPAddress vip)
    {
        VipTarget target = new(new VipModel(vip, 24, "eth0", []));
        string lease = $"lease{target.Family} {{ {target.Text} timeout 600s }}\n";
        Nft(FenceRules.Install([target], egress: false, []) + $"add element inet {FenceRules.Table} {lease}" + (target.V6 ? "" : $"add element arp {FenceRules.Table} {lease}"));
    }

    internal SilencedResets SilenceResets() => _thread.Do(SilencedResets.TryOpen)!;

    internal int Listen(int version) => Listen(new IPEndPoint(RepairWorld.Vip(version), RepairWorld.Port));

    internal int Listen(IPEndPoint address) => _thread.Do(() =>
    {
        var listener = TcpSocket.Create(address.AddressFamily == AddressFamily.InterNetwork ? SockAddress.AF_INET : SockAddress.AF_INET6);
        Assert.True(listener.Ok, listener.ToString());
        var reusable = TcpSocket.Set(listener.Count, SocketOption.ReuseAddress, 1);
        Assert.True(reusable.Ok, reusable.ToString());
        var bound = TcpSocket.Bind(listener.Count, SockAddress.From(address));
        Assert.True(bound.Ok, bound.ToString());
        Assert.True(TcpSocket.Listen(listener.Count, 1024).Ok);
        return listener.Count;
    });

    internal RestoreResult Restore(TcpImage image, TimeSpan? margin = null) =>
        _thread.Do(() => TcpRestore.Open(image, ImageClock.Now, margin ?? TcpRestore.DefaultMargin, Buffers));

    public void Dispose()
    {
        _thread.Do(_nft.Dispose);
        _thread.Dispose();
    }

    private void Nft(string commands)
    {
        NftOutcome outcome = _thread.Do(() => _nft.Run(commands));
        Assert.True(outcome.Ok, outcome.Text);
    }
}
