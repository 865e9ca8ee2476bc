using System.Text;
using ExchangeLb.Admin.Text;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Admin.Tests.Text;

public class Utf8WriterTests
{
    [Property]
    public void What_was_written_comes_out_in_order_however_long_it_is(string[] pieces, long number)
    {
        using var writer = new Utf8Writer();
        var expected = new StringBuilder();

        foreach (string piece in pieces)
        {
            writer.Text(piece).Number(number).Raw("é"u8);
            expected.Append(piece).Append(number).Append('é');
        }

        Assert.Equal(Encoding.UTF8.GetBytes(expected.ToString()), writer.Written.ToArray());
    }
}
