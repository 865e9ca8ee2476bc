namespace ExchangeLb.Linux.Process;

/// <summary>Numbers of capabilities (capabilities(7), linux/capability.h).</summary>
public enum Capability
{
    CAP_NET_BIND_SERVICE = 10,
    CAP_NET_ADMIN = 12,
    CAP_NET_RAW = 13,
    CAP_SYS_NICE = 23,
}
