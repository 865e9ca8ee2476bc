using System;

namespace ExchangeLb.Core.Rules;

/// <summary>What is known of a connection before its first byte. Addresses are IPv6, or IPv4 as ::ffff:a.b.c.d.</summary>
public readonly record struct ConnectionFacts(UInt128 Source, UInt128 Destination, int SourcePort, int DestinationPort);
