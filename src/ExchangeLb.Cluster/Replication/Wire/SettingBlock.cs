using System;
using System.Text;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Replication.Settings;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>An order about a server: kind (1), value (2), counter (8), node (4), backend (name), server (name).</summary>
internal static class SettingBlock
{
    /// <summary>Bytes of one order at most, the block's head included.</summary>
    public const int MaxBytes = 5 + 15 + (2 * (2 + WireFields.NameMaxBytes));

    /// <summary>A block of one order; they are rare.</summary>
    public static void WriteOne(ReplicationBody body, in ServerSetting setting, SettingVersion version)
    {
        int mark = body.BeginBlock(BlockKind.Setting);
        body.Byte((byte)setting.Kind);
        body.UInt16((ushort)setting.Value);
        body.UInt64(version.Counter);
        body.UInt32(version.Node);
        body.Name(Encoding.UTF8.GetBytes(setting.Server.Backend));
        body.Name(Encoding.UTF8.GetBytes(setting.Server.Server));
        body.EndBlock(mark);
    }

    /// <summary>False: damaged. The setting's kind may be one of a later release: then its value has not been looked at.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, out ServerSetting setting, out SettingVersion version)
    {
        BodyReader reader = new(content);
        var kind = (ServerSettingKind)reader.Byte();
        int value = reader.UInt16();
        reader.Require(kind > 0 && value <= HighestValue(kind));
        version = new SettingVersion(reader.Counter(), reader.Node());
        string backend = Encoding.UTF8.GetString(reader.Name());
        string server = Encoding.UTF8.GetString(reader.Name());
        setting = new ServerSetting(new ServerName(backend, server), kind, value);
        return reader.WellDone;
    }

    private static int HighestValue(ServerSettingKind kind) => kind switch
    {
        ServerSettingKind.State => 2,
        ServerSettingKind.Weight => 256,
        ServerSettingKind.Checks or ServerSettingKind.Health => 1,
        _ => ushort.MaxValue,
    };
}
