using System;
using System.Collections.Generic;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Netlink;

/// <summary>Hears of every change of nftables' rules on this host, whoever makes it (NFNLGRP_NFTABLES, as `nft monitor` does). Owner: one thread.</summary>
public sealed class RulesMonitor : IDisposable
{
    private const int NFNLGRP_NFTABLES = 7;
    private const int NFNL_SUBSYS_NFTABLES = 10;
    private const ushort NameOfTable = 1;   // NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE, NFTA_SET_TABLE, NFTA_SET_ELEM_LIST_TABLE
    private const ushort NameOfSet = 2;     // NFTA_SET_NAME, NFTA_SET_ELEM_LIST_SET
    private const int ReceiveBuffer = 4 * 1024 * 1024;

    private readonly NetlinkSocket _socket;
    private readonly byte[] _buffer = new byte[256 * 1024];

    private RulesMonitor(NetlinkSocket socket) => _socket = socket;

    public int Fd => _socket.Fd;

    /// <summary>Null where it is not allowed (CAP_NET_ADMIN) or the kernel has no nftables.</summary>
    public static RulesMonitor? TryOpen(out SysResult result)
    {
        if (NetlinkSocket.TryOpen(NetlinkSocket.NETLINK_NETFILTER, out result) is not { } socket)
        {
            return null;
        }
        socket.SetReceiveBuffer(ReceiveBuffer);
        result = socket.Join(NFNLGRP_NFTABLES);
        if (result.Failed)
        {
            socket.Dispose();
            return null;
        }
        return new RulesMonitor(socket);
    }

    /// <summary>Adds all that is waiting for tables of this name, in order.</summary>
    /// <returns>False: the kernel had to leave changes out.</returns>
    public bool Drain(string table, List<RulesChange> changes)
    {
        bool complete = true;
        while (true)
        {
            SysResult received = _socket.Receive(_buffer, wait: false);
            if (received.Error == Errno.ENOBUFS || (received.Ok && received.Count == 0))
            {
                complete = false;
                continue;
            }
            if (received.Failed && received.Error != Errno.EINTR)
            {
                return complete;
            }
            NetlinkReader reader = new(_buffer.AsSpan(0, Math.Max(0, received.Count)));
            while (reader.Next())
            {
                Read(reader, table, changes);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static void Read(in NetlinkReader message, string wanted, List<RulesChange> changes)
    {
        var kind = (RulesChangeKind)(message.Header.Type & 0xff);
        if (message.Header.Type >> 8 != NFNL_SUBSYS_NFTABLES || kind is RulesChangeKind.NewGeneration
            || !message.TryFixed(out NetfilterMessage _, out AttributeReader attributes))
        {
            return;
        }
        string table = "";
        string set = "";
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case NameOfTable: table = attributes.Text; break;
                case NameOfSet when kind is RulesChangeKind.NewElement or RulesChangeKind.DeletedElement: set = attributes.Text; break;
                default: break;
            }
        }
        if (table == wanted)
        {
            changes.Add(new RulesChange(kind, set, message.Header.PortId));
        }
    }
}

/// <param name="Set">Of a change of elements.</param>
/// <param name="PortId">Of the netlink socket that asked for the change.</param>
public readonly record struct RulesChange(RulesChangeKind Kind, string Set, uint PortId);

/// <summary>enum nf_tables_msg_types (linux/netfilter/nf_tables.h); those that are not named here concern tables, chains, rules or sets as well.</summary>
public enum RulesChangeKind : byte
{
    NewTable = 0,
    DeletedTable = 2,
    NewChain = 3,
    DeletedChain = 5,
    NewRule = 6,
    DeletedRule = 8,
    NewSet = 9,
    DeletedSet = 11,
    NewElement = 12,
    DeletedElement = 14,
    NewGeneration = 15,
}
