using System;
using System.Text;

namespace ExchangeLb.DrillClient.Probing;

/// <summary>Exchange's health page: "200 OK", and the server's name after the break.</summary>
internal static class HealthAnswer
{
    private static ReadOnlySpan<byte> BeforeName => "200 OK<br/>"u8;

    /// <returns>The name up to its first dot, "exchange1"; null: the page is not complete.</returns>
    internal static string? ServerOf(ReadOnlySpan<byte> answer)
    {
        int at = answer.LastIndexOf(BeforeName);
        if (at < 0) { return null; }
        ReadOnlySpan<byte> name = answer[(at + BeforeName.Length)..];
        int dot = name.IndexOf((byte)'.');
        return dot < 0 ? null : Encoding.ASCII.GetString(name[..dot]);
    }
}
