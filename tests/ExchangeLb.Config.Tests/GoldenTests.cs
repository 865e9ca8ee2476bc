using System;
using System.IO;
using Xunit;

namespace ExchangeLb.Config.Tests;

/// <summary>
/// Each configuration of the folder gives exactly the messages and the model of its .expected file. With EXCHANGELB_UPDATE_GOLDEN=1
/// the files are written anew: look at the difference before you commit it.
/// </summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Names => GoldenFolder.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_configuration_gives_the_expected_messages_and_model(string name)
    {
        string file = Path.Combine(GoldenFolder.Path, $"{name}.expected");

        string found = GoldenFolder.Describe(name);

        if (Environment.GetEnvironmentVariable("EXCHANGELB_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, found);
        }
        Assert.Equal(File.ReadAllText(file), found);
    }
}
