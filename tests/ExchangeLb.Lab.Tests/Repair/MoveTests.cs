using System;
using ExchangeLb.Lab.Tests.Kernel;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>An established connection goes on at another node, whatever is in its queues.</summary>
public sealed class MoveTests(RepairWorld world) : IClassFixture<RepairWorld>
{
    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void An_idle_one(int version)
    {
        using MovableConnection connection = world.Connect(version);
        connection.AssertAlive();

        connection.Move();

        connection.AssertAlive();
        connection.Move();
        connection.AssertAlive();
    }
}
