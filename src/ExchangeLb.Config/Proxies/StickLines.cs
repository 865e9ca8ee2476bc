using System;
using ExchangeLb.Config.Acls;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Proxies;

/// <summary>`stick-table …` and `stick on|match|store-request src …` (configuration.txt, 4.2).</summary>
internal static class StickLines
{
    public static void ReadTable(ProxyDraft proxy, Arguments line)
    {
        proxy.HasStickTableLine = true;
        (StickKeyKind? Key, int Size, TimeSpan? Expire, bool NoPurge) table = default;
        if (proxy.Kind == SectionKinds.Frontend)
        {
            line.Alert("in a frontend is known, but not supported", "write it into the backend that sticks");
            return;
        }
        while (line.HasMore)
        {
            string word = line.Take();
            bool read = word switch
            {
                "type" => ReadType(line, ref table.Key),
                "size" => line.TrySize(0, out table.Size),
                "expire" => ReadExpire(line, ref table.Expire),
                "nopurge" => table.NoPurge = true,
                "peers" => ReadPeers(proxy, line),
                _ => Refuse(word, line),
            };
            if (!read)
            {
                return;
            }
        }
        if (table.Size == 0 || table.Key is not { } key)
        {
            line.Alert(table.Size == 0 ? "lacks its size" : "lacks its type",
                "write: stick-table type ip|ipv6 size <n> [expire <time>] [nopurge] [peers <name>]");
        }
        else if (proxy.StickTable is { } other)
        {
            line.Alert($"is the second one of this section; the first is in line {other.Place.Line}", "remove one");
        }
        else
        {
            proxy.StickTable = new(proxy.Name, key, table.Size, table.Expire, table.NoPurge, line.Place);
        }
    }

    public static void ReadRule(ProxyDraft proxy, Arguments line, bool match, bool store)
    {
        string expression = line.Take();
        if (expression != "src")
        {
            ReportExpression(expression, line);
            return;
        }
        string table = proxy.Name;
        if (line.TakeIf("table") && !line.TryText("table", out table))
        {
            return;
        }
        if (ConditionReader.TryRead(proxy, line, out ConditionModel? condition))
        {
            proxy.StickRules.Add(new(match, store, table, condition, line.Place));
        }
    }

    private static bool ReadType(Arguments line, ref StickKeyKind? key)
    {
        string type = line.Take();
        switch (type)
        {
            case "ip":
                key = StickKeyKind.IPv4;
                return true;
            case "ipv6":
                key = StickKeyKind.IPv6;
                return true;
            case "integer" or "string" or "binary":
                line.Alert($"has type '{type}', which is known, but not supported", "write 'type ip' or 'type ipv6'");
                return false;
            default:
                line.Alert($"has an unknown type '{type}'", "write 'type ip' or 'type ipv6'");
                return false;
        }
    }

    private static bool ReadExpire(Arguments line, ref TimeSpan? expire)
    {
        bool read = line.TryTime(out TimeSpan time);
        expire = time == TimeSpan.Zero ? null : time;
        return read;
    }

    /// <summary>What the cluster does anyway; that there is such a section is looked at in the end, as in HAProxy.</summary>
    private static bool ReadPeers(ProxyDraft proxy, Arguments line)
    {
        bool read = line.TryText("peers section", out string name);
        proxy.Peers = read ? (name, line.Place) : proxy.Peers;
        return read;
    }

    private static bool Refuse(string word, Arguments line)
    {
        switch (word)
        {
            case "store":
                line.Alert($"stores '{line.Peek}', which is known, but not supported",
                    "remove 'store' and its argument; the server is always stored");
                break;
            case "srvkey" or "write-to":
                line.Alert($"has '{word}', which is known, but not supported", "remove it and its argument");
                break;
            default:
                line.Alert($"does not take '{word}'", NearestWord.Find(word, ["type", "size", "expire", "nopurge", "peers"]) is { } nearest
                    ? $"did you mean '{nearest}'?" : "write: stick-table type ip|ipv6 size <n> [expire <time>] [nopurge] [peers <name>]");
                break;
        }
        return false;
    }

    private static void ReportExpression(string expression, Arguments line)
    {
        string name = expression.Split('(', ',')[0];
        bool known = name is "src" || Array.IndexOf(AclTestReader.Supported, name) >= 0 || KnownCriteria.Contains(name);
        line.Alert(known ? $"sticks by '{expression}', which is known, but not supported" : $"sticks by '{expression}', which is not known",
            "write 'src', the client's address");
    }
}
