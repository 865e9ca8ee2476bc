using System;
using System.Buffers.Binary;
using System.Linq;
using System.Net;
using System.Text;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Tests.Balance;

/// <summary>A backend of servers 0, 1, 2, … and one algorithm that is asked again and again.</summary>
internal sealed class Balancing
{
    private readonly BalanceAlgorithm _algorithm;

    public Balancing(BalanceKind kind, params int[] weights)
    {
        Servers = [.. weights.Select(weight => new ServerLoad { Weight = weight })];
        _algorithm = BalanceAlgorithm.Create(BackendOf(kind, weights.Length));
        _algorithm.Reset(Servers);
    }

    public ServerLoad[] Servers { get; }

    public void SetWeight(int server, int weight)
    {
        Servers[server].Weight = weight;
        _algorithm.Reset(Servers);
    }

    public int Choose(string client = "192.0.2.1", int avoid = BalanceAlgorithm.None) =>
        _algorithm.Choose(Servers, Mapped(client), avoid);

    /// <summary>Sessions that end at once.</summary>
    public string Sequence(int length)
    {
        StringBuilder result = new();
        for (int i = 0; i < length; i++)
        {
            result.Append(Choose());
        }
        return result.ToString();
    }

    /// <summary>Sessions that all stay open.</summary>
    public string SequenceHeld(int length)
    {
        StringBuilder result = new();
        for (int i = 0; i < length; i++)
        {
            int server = Choose();
            Servers[server].Served++;
            result.Append(server);
        }
        return result.ToString();
    }

    public static UInt128 Mapped(string address) =>
        BinaryPrimitives.ReadUInt128BigEndian(IPAddress.Parse(address).MapToIPv6().GetAddressBytes());

    private static BackendModel BackendOf(BalanceKind kind, int count) => new(1, "b")
    {
        Balance = kind,
        Servers = [.. Enumerable.Range(0, count).Select(i => new ServerModel(i + 1, $"s{i}", IPAddress.Loopback, default))],
    };
}
