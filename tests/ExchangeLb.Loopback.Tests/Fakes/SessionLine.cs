using System.Globalization;
using System.Text.RegularExpressions;

namespace ExchangeLb.Loopback.Tests.Fakes;

/// <summary>The fields of a line of `option tcplog` (configuration.txt, 8.2.2) as a receiver of the log reads them.</summary>
internal sealed partial record SessionLine(
    int Priority, string Client, string Frontend, string Backend, string Server, int QueueMs, int ConnectMs, string Total, string Bytes,
    string Code, string Connections, string Retries, string Queues)
{
    /// <summary>Null: another kind of line.</summary>
    public static SessionLine? Parse(string line)
    {
        Match match = Form().Match(line);
        if (!match.Success)
        {
            return null;
        }
        string Field(string name) => match.Groups[name].Value;
        int Number(string name) => int.Parse(Field(name), CultureInfo.InvariantCulture);
        return new SessionLine(
            Number("pri"), Field("client"), Field("fe"), Field("be"), Field("srv"), Number("tw"), Number("tc"), Field("tt"), Field("b"),
            Field("code"), Field("conns"), Field("rc"), Field("queues"));
    }

    public int TotalMs => int.Parse(Total.TrimStart('+'), CultureInfo.InvariantCulture);

    /// <summary>All but the times and the client's port, which differ from run to run; of the times only whether there is one.</summary>
    public string Facts =>
        $"{Frontend} {Backend}/{Server} {Known(QueueMs)}/{Known(ConnectMs)} {Bytes} {Code} {Connections}/{Retries} {Queues}";

    private static string Known(int ms) => ms < 0 ? "-1" : "n";

    [GeneratedRegex(
        @"^<(?<pri>\d+)>.*?\]: (?<client>\S+) \[[^\]]+\] (?<fe>\S+) (?<be>[^/ ]+)/(?<srv>\S+) (?<tw>-?\d+)/(?<tc>-?\d+)/(?<tt>\+?\d+) (?<b>\+?\d+) (?<code>\S\S) (?<conns>\d+/\d+/\d+/\d+)/(?<rc>\+?\d+) (?<queues>\d+/\d+)\n?$")]
    private static partial Regex Form();
}
