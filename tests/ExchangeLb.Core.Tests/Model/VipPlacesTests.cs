using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Core.Tests.Model;

public sealed class VipPlacesTests
{
    [Fact]
    public void What_stays_keeps_its_place_and_what_comes_has_one_at_the_end()
    {
        ClusterModel after = VipPlaces.Keep(Of(1, 2), Of(3, 2))!;

        Assert.Equal("(1) 2 3", Words(after));
        Assert.Equal("2 3", string.Join(' ', after.PresentVips.Select(Number)));
    }

    [Fact]
    public void What_comes_back_has_the_place_that_it_had()
    {
        ClusterModel without = VipPlaces.Keep(Of(1, 2), Of(2))!;

        Assert.Equal("1 2 4", Words(VipPlaces.Keep(without, Of(4, 2, 1))!));
    }

    [Fact]
    public void What_a_file_says_of_a_VIP_is_taken_over_in_its_place()
    {
        ClusterModel next = Of(2, 1);
        next = next with { Vips = [next.Vips[0], next.Vips[1] with { Device = "eth7" }] };

        Assert.Equal("eth7", VipPlaces.Keep(Of(1, 2), next)!.Vips[0].Device);
    }

    [Fact]
    public void One_that_has_gone_is_not_found()
    {
        ImmutableArray<VipModel> places = VipPlaces.Keep(Of(1, 2), Of(2))!.Vips;

        Assert.Equal(1, VipPlaces.Find(places, Address(2)));
        Assert.Equal(-1, VipPlaces.Find(places, Address(1)));
    }

    private static ClusterModel Of(params int[] vips) => new("places", [], [.. vips.Select(vip => new VipModel(Address(vip), 24, "eth0", []))]);

    private static IPAddress Address(int vip) => new([10, 0, 0, (byte)vip]);

    private static int Number(VipModel vip) => vip.Address.GetAddressBytes()[3];

    private static string Words(ClusterModel model) => string.Join(' ', model.Vips.Select(vip => vip.IsGone ? $"({Number(vip)})" : $"{Number(vip)}"));
}
