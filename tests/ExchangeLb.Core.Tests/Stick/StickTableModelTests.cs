using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Stick;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ExchangeLb.Core.Tests.Stick;

/// <summary>The table beside a plain list of keys in the order of their last use; both get the same random calls. FsCheck prints the seed of a failure.</summary>
public sealed class StickTableModelTests
{
    private const int Size = 12;
    private const int LifeMs = 40;

    [Property(MaxTest = 400, EndSize = 300)]
    public Property The_table_does_what_a_list_in_order_of_use_would_do(byte[] calls, bool noPurge, ulong seed)
    {
        StickTable table = StickTables.Create(Size, LifeMs, noPurge, seed);
        Reference reference = new(noPurge);
        long now = 1000;

        for (int i = 0; i + 1 < calls.Length; i += 2)
        {
            now += calls[i] % 8 == 0 ? calls[i] : calls[i] % 5;
            UInt128 key = (UInt128)(calls[i + 1] % 20);
            string expected;
            string actual;
            switch (calls[i] / 8 % 6)
            {
                case 0 or 1:
                    expected = reference.Match(key, now);
                    actual = table.TryMatch(key, now, out int server) ? $"{server}" : "no";
                    break;
                case 2:
                    expected = reference.Remove(key, now);
                    bool wasLive = table.Content(now).ContainsKey(key);
                    actual = table.Remove(key, now) && wasLive ? "removed" : "no";
                    break;
                case 3:
                    table.Sweep(now, calls[i + 1] % 4);
                    expected = actual = "";
                    break;
                default:
                    int newServer = 1 + (calls[i + 1] / 20 % 3);
                    expected = reference.Store(key, newServer, now);
                    actual = table.Store(key, newServer, now).ToString();
                    break;
            }
            if (expected != actual || reference.Text(now) != Text(table, now))
            {
                return false.Label($"call {i / 2}: {expected} or {actual}; {reference.Text(now)} or {Text(table, now)}");
            }
        }
        return true.ToProperty();
    }

    private static string Text(StickTable table, long now) =>
        string.Join(' ', table.Content(now).Values.OrderBy(entry => entry.Key).Select(e => $"{e.Key}:{e.ServerId}:{e.RemainingMs}"));

    private sealed class Reference(bool noPurge)
    {
        private readonly List<(UInt128 Key, int Server, long Expires)> _byUse = [];

        public string Match(UInt128 key, long now)
        {
            int found = Find(key, now);
            if (found < 0)
            {
                return "no";
            }
            int server = _byUse[found].Server;
            Use(key, server, found, now);
            return $"{server}";
        }

        public string Store(UInt128 key, int server, long now)
        {
            int found = Find(key, now);
            StoreOutcome outcome = found < 0 ? StoreOutcome.Added
                : _byUse[found].Server == server ? StoreOutcome.Unchanged
                : StoreOutcome.Changed;
            if (found < 0 && _byUse.Count == Size)
            {
                if (noPurge)
                {
                    return nameof(StoreOutcome.Refused);
                }
                _byUse.RemoveAt(0);
            }
            Use(key, server, found, now);
            return outcome.ToString();
        }

        public string Remove(UInt128 key, long now)
        {
            int found = Find(key, now);
            if (found < 0)
            {
                return "no";
            }
            _byUse.RemoveAt(found);
            return "removed";
        }

        public string Text(long now)
        {
            Find(0, now);
            return string.Join(' ', _byUse.OrderBy(entry => entry.Key).Select(e => $"{e.Key}:{e.Server}:{e.Expires - now}"));
        }

        private int Find(UInt128 key, long now)
        {
            _byUse.RemoveAll(entry => entry.Expires <= now);
            return _byUse.FindIndex(entry => entry.Key == key);
        }

        private void Use(UInt128 key, int server, int found, long now)
        {
            long expires = now + LifeMs;
            if (found >= 0 && _byUse[found].Expires == expires)
            {
                // Used twice in one millisecond: as it stands.
                _byUse[found] = (key, server, expires);
                return;
            }
            if (found >= 0)
            {
                _byUse.RemoveAt(found);
            }
            _byUse.Add((key, server, expires));
        }
    }
}
