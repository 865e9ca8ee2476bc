using System;
using System.Collections.Generic;
using System.Text;

namespace ExchangeLb.Fuzz;

/// <summary>Makes inputs: mostly good ones with some damage done, now and then pure noise.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> seeds, IReadOnlyList<string> tokens)
{
    private const int LargestNoise = 4096;
    private const int LargestInput = 64 * 1024;

    public byte[] Next()
    {
        if (random.Next(10) == 0)
        {
            var noise = new byte[random.Next(LargestNoise)];
            random.NextBytes(noise);
            return noise;
        }
        List<byte> input = [.. seeds[random.Next(seeds.Count)]];
        for (int changes = 1 << random.Next(6); changes > 0; changes--)
        {
            Change(input);
        }
        return input.Count <= LargestInput ? [.. input] : [.. input.GetRange(0, LargestInput)];
    }

    private void Change(List<byte> input)
    {
        int at = random.Next(input.Count + 1);
        int length = Math.Min(random.Next(1, 1 << random.Next(1, 9)), input.Count - at);
        switch (random.Next(9))
        {
            case 0 when length > 0:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when length > 0:
                input[at] = (byte)random.Next(256);
                break;
            case 2:
                input.RemoveRange(at, length);
                break;
            case 3:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 4:
                input.InsertRange(at, Encoding.UTF8.GetBytes(tokens[random.Next(tokens.Count)]));
                break;
            case 5:
                byte[] other = seeds[random.Next(seeds.Count)];
                int from = random.Next(other.Length + 1);
                input.InsertRange(at, other[from..Math.Min(other.Length, from + random.Next(200))]);
                break;
            case 6:
                input.InsertRange(at, Encoding.UTF8.GetBytes(Number()));
                break;
            case 7 when random.Next(20) == 0:
                input.RemoveRange(at, input.Count - at);
                break;
            case 8 when random.Next(50) == 0:
                input.InsertRange(at, new byte[random.Next(20_000)]);
                break;
        }
    }

    private string Number() => random.Next(6) switch
    {
        0 => "0",
        1 => "-1",
        2 => "2147483648",
        3 => "99999999999999999999999",
        4 => "4294967295",
        _ => random.Next().ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
