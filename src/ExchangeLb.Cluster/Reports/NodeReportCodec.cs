using System;
using System.Collections.Immutable;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Reports;

/// <summary>A <see cref="NodeReport"/> as the body of a message of kind <see cref="MessageKind.Report"/>. Fields are only ever added at the end.</summary>
public static class NodeReportCodec
{
    private const byte Form = 1;
    private const int LinksMax = 8;
    private const int OwnedMax = 256;

    /// <summary>Further backends are left out of the message, not the message out of the cluster.</summary>
    public const int BackendsMax = 256;

    /// <returns>The length of the body; 0: the room was too small.</returns>
    public static int Write(NodeReport report, Span<byte> room)
    {
        BodyWriter body = new(room);
        body.Byte(Form);
        body.UInt64(report.Incarnation);
        body.Text(report.Version);
        body.Text(report.ConfigurationHash);
        body.Text(report.ClusterConfigurationHash);
        body.Flag(report.Standby);
        body.Flag(report.Fit);
        body.Text(report.Unfit);
        Time(ref body, report.Uptime);
        body.Int32(report.Sessions);
        body.Int32(report.StickEntries);
        body.Flag(report.GuardRunning);
        int links = Math.Min(report.Links.Length, LinksMax);
        body.Int32(links);
        foreach (LinkSnapshot link in report.Links.AsSpan()[..links])
        {
            body.Int32(link.Index);
            body.Text(link.Address);
            body.Flag(link.Up);
        }
        int backends = Math.Min(report.Backends.Length, BackendsMax);
        body.Int32(backends);
        foreach (BackendServersSnapshot backend in report.Backends.AsSpan()[..backends])
        {
            body.Text(backend.Backend);
            body.Int32(backend.Usable);
            body.Int32(backend.Total);
        }
        body.Byte(report.MoveForm);
        body.Flag(report.TakesWaiting);
        body.Text(report.StreamFingerprint);
        body.Int32(report.RecordsHeld);
        int owned = Math.Min(report.Owned.Length, OwnedMax);
        body.Int32(owned);
        foreach (OwnedVip vip in report.Owned.AsSpan()[..owned])
        {
            body.Text(vip.Address);
            Time(ref body, vip.For);
        }
        body.Int32(report.MaxConn);
        return body.Overflowed ? 0 : body.Length;
    }

    /// <returns>Null: it is no report that this release understands.</returns>
    public static NodeReport? Read(ReadOnlySpan<byte> received)
    {
        BodyReader body = new(received);
        if (body.Byte() < Form)
        {
            return null;
        }
        NodeReport report = new()
        {
            Incarnation = body.UInt64(),
            Version = body.Text(),
            ConfigurationHash = body.Text(),
            ClusterConfigurationHash = body.Text(),
            Standby = body.Flag(),
            Fit = body.Flag(),
            Unfit = body.Text(),
            Uptime = Time(ref body),
            Sessions = body.Int32(),
            StickEntries = body.Int32(),
            GuardRunning = body.Flag(),
        };
        ImmutableArray<LinkSnapshot>.Builder links = ImmutableArray.CreateBuilder<LinkSnapshot>();
        for (int left = body.Count(LinksMax); left > 0; left--)
        {
            links.Add(new LinkSnapshot(body.Int32(), body.Text(), body.Flag()));
        }
        ImmutableArray<BackendServersSnapshot>.Builder backends = ImmutableArray.CreateBuilder<BackendServersSnapshot>();
        for (int left = body.Count(BackendsMax); left > 0; left--)
        {
            backends.Add(new BackendServersSnapshot(body.Text(), body.Int32(), body.Int32()));
        }
        if (body.Failed)
        {
            return null;
        }
        // Not in reports of earlier releases: what is missing reads as 0 or "".
        return report with
        {
            Links = links.ToImmutable(),
            Backends = backends.ToImmutable(),
            MoveForm = body.Byte(),
            TakesWaiting = body.Flag(),
            StreamFingerprint = body.Text(),
            RecordsHeld = Math.Max(0, body.Int32()),
            Owned = Owned(ref body),
            MaxConn = Math.Max(0, body.Int32()),
        };
    }

    private static ImmutableArray<OwnedVip> Owned(ref BodyReader body)
    {
        ImmutableArray<OwnedVip>.Builder owned = ImmutableArray.CreateBuilder<OwnedVip>();
        for (int left = body.Count(OwnedMax); left > 0; left--)
        {
            owned.Add(new OwnedVip(body.Text(), Time(ref body)));
        }
        return body.Failed ? [] : owned.ToImmutable();
    }

    private static void Time(ref BodyWriter body, TimeSpan time) => body.Int64((long)time.TotalMilliseconds);

    private static TimeSpan Time(ref BodyReader body) => TimeSpan.FromMilliseconds(Math.Clamp(body.Int64(), 0, long.MaxValue / TimeSpan.TicksPerMillisecond));
}
