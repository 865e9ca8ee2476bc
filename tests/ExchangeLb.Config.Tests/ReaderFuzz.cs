using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text;
using Xunit;
using Xunit.Abstractions;

namespace ExchangeLb.Config.Tests;

/// <summary>
/// The properties of <see cref="ReaderPropertyTests"/> for as long as one likes: EXCHANGELB_FUZZ_SECONDS (1 by default), from
/// EXCHANGELB_FUZZ_SEED (the clock by default). The seed is printed, and stands in the failure.
/// </summary>
public sealed class ReaderFuzz(ITestOutputHelper output)
{
    [Fact]
    public void Mutants_and_random_words_are_read_to_an_end_for_as_long_as_asked()
    {
        int seed = Number("EXCHANGELB_FUZZ_SEED") ?? Environment.TickCount;
        TimeSpan duration = TimeSpan.FromSeconds(Number("EXCHANGELB_FUZZ_SECONDS") ?? 1);
        Random random = new(seed);
        Stopwatch watch = Stopwatch.StartNew();
        long rounds = 0;

        for (; watch.Elapsed < duration; rounds++)
        {
            byte[] bytes = random.Next(4) switch
            {
                0 => Words(random),
                _ => ReaderPropertyTests.Mutate(ReaderPropertyTests.Valid[random.Next(ReaderPropertyTests.Valid.Length)], random),
            };
            Assert.True(ReaderPropertyTests.EndsWell(bytes), $"seed {seed}, round {rounds}: {Convert.ToHexString(bytes)}");
        }

        output.WriteLine($"seed {seed}, {rounds} configurations");
    }

    private static byte[] Words(Random random) => Encoding.UTF8.GetBytes(string.Concat(
        Enumerable.Range(0, random.Next(200)).Select(_ => ReaderPropertyTests.Pieces[random.Next(ReaderPropertyTests.Pieces.Length)] + (random.Next(4) == 0 ? "" : " "))));

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : null;
}
