using System.Linq;
using System.Management.Automation.Language;
using Xunit;

namespace ExchangeLb.House.Tests.Documents;

/// <summary>What is shown for the Exchange Management Shell is read by PowerShell's own parser. Whether Exchange has these commands it can't know.</summary>
public sealed class PowerShellTests
{
    public static TheoryData<string> Texts => DocumentationTests.Texts;

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_block_of_PowerShell_is_PowerShell(string file) =>
        Assert.All(new MarkdownText(file).Blocks.Where(block => block.Language == "powershell"), block =>
        {
            Parser.ParseInput(block.Code, out _, out ParseError[] errors);

            Assert.Empty(errors.Select(error => error.Message));
        });
}
