using System.Collections.Immutable;
using System.Net;

namespace ExchangeLb.Cluster.Streams;

/// <summary>Another node that is there.</summary>
/// <param name="Addresses">One for each network, in the order of all nodes.</param>
/// <param name="Fingerprint">Of its <see cref="StreamCertificate"/>; "": it takes no stream.</param>
public sealed record StreamPeer(ImmutableArray<IPAddress> Addresses, string Fingerprint);
