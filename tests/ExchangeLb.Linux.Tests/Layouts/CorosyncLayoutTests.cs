using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Corosync;
using Xunit;

namespace ExchangeLb.Linux.Tests.Layouts;

/// <summary>What is shared with libcpg and libquorum, on 64-bit Linux: corosync/cpg.h and corosync/quorum.h of Corosync 3.</summary>
public sealed class CorosyncLayoutTests
{
    [Fact]
    public void An_address_is_node_process_and_reason()
    {
        Assert.Equal(12, Unsafe.SizeOf<CpgAddress>());
        AssertOffsets<CpgAddress>(("NodeId", 0), ("Pid", 4), ("Reason", 8));
    }

    [Fact]
    public void A_name_is_a_length_and_128_bytes()
    {
        Assert.Equal(132, Unsafe.SizeOf<CpgName>());
        AssertOffsets<CpgName>(("Length", 0), ("Value", 4));
    }

    [Fact]
    public void A_rings_sequence_is_aligned_behind_its_node() => Assert.Equal((16, 8), (Unsafe.SizeOf<RingId>(), SequenceOffset()));

    [Fact]
    public void The_callbacks_of_a_group_follow_their_model()
    {
        Assert.Equal(40, Unsafe.SizeOf<CpgModelData>());
        AssertOffsets<CpgModelData>(("Model", 0), ("Deliver", 8), ("ConfigurationChange", 16), ("TotemConfigurationChange", 24), ("Flags", 32));
    }

    [Fact]
    public void The_callbacks_of_the_quorum_follow_their_model()
    {
        Assert.Equal(24, Unsafe.SizeOf<QuorumModelData>());
        AssertOffsets<QuorumModelData>(("Model", 0), ("Quorum", 8), ("NodeList", 16));
    }

    [Fact]
    public void A_name_that_is_too_long_is_refused_before_the_library_sees_it() =>
        Assert.Throws<System.ArgumentException>(() => CpgName.Of(new string('n', 129)));

    [Fact]
    public void A_library_that_is_missing_is_named_with_its_packages()
    {
        string? missing = CorosyncLibraries.Missing("libnothing.so.4", "libcpg4");

        Assert.Equal(
            "the library libnothing.so.4 is not here: install the package libcpg4 (Debian, Ubuntu) or corosynclib (Red Hat), version 3 of Corosync", missing);
    }

    private static int SequenceOffset()
    {
        RingId[] rings = [new(1, 0x1122334455667788)];
        return System.MemoryExtensions.IndexOf(MemoryMarshal.AsBytes<RingId>(rings), (byte)0x88);
    }

    private static void AssertOffsets<T>(params (string Field, int Offset)[] expected)
    {
        foreach ((string field, int offset) in expected)
        {
            Assert.Equal((field, offset), (field, (int)Marshal.OffsetOf<T>(field)));
        }
    }
}
