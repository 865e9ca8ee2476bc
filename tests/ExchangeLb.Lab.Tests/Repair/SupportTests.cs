using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

public sealed class SupportTests
{
    private const uint Version3 = 0x20080522;       // _LINUX_CAPABILITY_VERSION_3 (capset(2))
    private const uint NetAdmin = 1 << 12;

    [LabFact]
    public void With_the_capability_it_works() => Assert.Equal(new RepairSupport(true, ""), RepairSupport.Probe());

    [LabFact]
    public void Without_the_capability_it_says_so()
    {
        RepairSupport support = default;
        DumpVerdict verdict = default;
        Thread thread = new(() =>
        {
            DropCapability();       // a thread has its own
            support = RepairSupport.Probe();
            int fd = TcpSocket.Create(SockAddress.AF_INET).Count;
            verdict = TcpDump.Freeze(fd, false, ImageClock.Now).Verdict;
            Linux.Calls.Descriptor.Close(fd);
        });
        thread.Start();
        thread.Join();

        Assert.False(support.Works);
        Assert.Contains("CAP_NET_ADMIN", support.Reason, StringComparison.Ordinal);
        Assert.Equal(DumpVerdict.Denied, verdict);
    }

    private static void DropCapability()
    {
        uint[] header = [Version3, 0], sets = new uint[6];
        Check(GetCapabilities(header, sets));
        sets[0] &= ~NetAdmin;       // the effective ones
        Check(SetCapabilities(header, sets));
    }

    private static void Check(int result)
    {
        if (result != 0) { throw new IOException($"error {Marshal.GetLastPInvokeError()}"); }
    }

    [DllImport("libc", EntryPoint = "capget", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetCapabilities([In] uint[] header, [In, Out] uint[] sets);

    [DllImport("libc", EntryPoint = "capset", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetCapabilities([In] uint[] header, [In] uint[] sets);
}
