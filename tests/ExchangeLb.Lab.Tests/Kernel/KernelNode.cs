using System;
using System.Collections.Concurrent;
using System.Globalization;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Model;
using ExchangeLb.Lab.Tests.World;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>A node's kernel, used from the host's thread as the lease thread would.</summary>
internal sealed class KernelNode : IVipKernelObserver, IDisposable
{
    internal const ulong Incarnation = 0x1122_3344_5566_7788;

    private readonly HostThread _thread;
    private readonly VipKernel _kernel;

    internal KernelNode(NetworkNamespace host, ClusterModel model, NodeId self)
        : this(host, () => VipKernel.Open(model, self, new MonotonicClock()))
    {
    }

    /// <param name="open">Done in the host.</param>
    internal KernelNode(NetworkNamespace host, Func<VipKernel> open)
    {
        Host = host;
        _thread = new HostThread(host);
        try
        {
            _kernel = _thread.Do(open);
        }
        catch
        {
            _thread.Dispose();
            throw;
        }
    }

    internal NetworkNamespace Host { get; }

    /// <summary>What the kernel's observer heard, in words.</summary>
    internal ConcurrentQueue<string> Heard { get; } = [];

    internal T Do<T>(Func<VipKernel, T> function) => _thread.Do(() => function(_kernel));

    internal void Do(Action<VipKernel> action) => _thread.Do(() => action(_kernel));

    /// <summary>Claim, permit, commit: as the protocol acquires, without asking anybody.</summary>
    internal bool Acquire(int vip, TimeSpan lease) => Do(kernel =>
        kernel.Claim(vip, Ms(10_000)) && kernel.Permit(vip, Ms(5000)) && kernel.Commit(vip, CommitKind.Acquire, Incarnation, lease));

    internal bool Renew(int vip, TimeSpan lease) => Do(kernel =>
        kernel.Permit(vip, Ms(5000)) && kernel.Commit(vip, CommitKind.Renew, Incarnation, lease));

    internal void Drain() => Do(kernel => kernel.Drain(this));

    internal GuardKernel OpenGuard(ClusterModel model) => _thread.Do(() => GuardKernel.Open(model, note => throw new InvalidOperationException(note)));

    internal T InHost<T>(Func<T> function) => _thread.Do(function);

    internal static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);

    public void VipAnswered(int vip, ulong hardwareAddress, NodeId? node) =>
        Heard.Enqueue(string.Create(CultureInfo.InvariantCulture, $"vip {vip} at {node?.ToString() ?? "?"}"));

    public void PeerAnswered(NodeId peer) => Heard.Enqueue($"peer {peer}");

    public void LinkChanged(int vip, bool up) => Heard.Enqueue($"link {vip} {(up ? "up" : "down")}");

    public void RulesFlushed() => Heard.Enqueue("flushed");

    public void Dispose()
    {
        _thread.Do(() => _kernel.RemoveAll());
        _thread.Do(_kernel.Dispose);
        _thread.Dispose();
    }
}
