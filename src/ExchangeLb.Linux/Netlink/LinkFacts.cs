using ExchangeLb.Linux.Frames;

namespace ExchangeLb.Linux.Netlink;

/// <summary>A network device as the kernel describes it (rtnetlink(7), RTM_NEWLINK).</summary>
/// <param name="Index">1 and up; another one when a device of this name was removed and came back.</param>
/// <param name="Up">Administratively up, and with carrier.</param>
/// <param name="Mac">Zero where the device has no Ethernet address.</param>
/// <param name="Mtu">Bytes of a packet, without the Ethernet header.</param>
public readonly record struct LinkFacts(int Index, string Name, bool Up, MacAddress Mac, int Mtu)
{
    internal const ushort RTM_NEWLINK = 16;
    internal const ushort RTM_DELLINK = 17;
    internal const ushort RTM_GETLINK = 18;
    internal const ushort IFLA_ADDRESS = 1;
    internal const ushort IFLA_IFNAME = 3;
    internal const ushort IFLA_MTU = 4;
    private const uint IFF_UP = 0x1;
    private const uint IFF_RUNNING = 0x40;   // operational: carrier, and for a bond or a VLAN that of what lies below

    internal static LinkFacts From(in LinkMessage message, AttributeReader attributes)
    {
        string name = "";
        MacAddress mac = default;
        int mtu = 0;
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IFLA_IFNAME: name = attributes.Text; break;
                case IFLA_ADDRESS when attributes.Value.Length == MacAddress.Length: mac = MacAddress.Read(attributes.Value); break;
                case IFLA_MTU: mtu = (int)attributes.Number; break;
                default: break;
            }
        }
        const uint Operational = IFF_UP | IFF_RUNNING;
        return new LinkFacts(message.Index, name, (message.Flags & Operational) == Operational, mac, mtu);
    }
}
