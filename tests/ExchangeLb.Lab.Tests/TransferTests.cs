using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests;

/// <summary>Bytes arrive whole, both ways, and whoever hangs up is noticed on the other side.</summary>
public sealed class TransferTests(LabWorld world) : IClassFixture<LabWorld>
{
    private const int Mebibyte = 1024 * 1024;

    private const string Plain = """

        listen plain
            bind 192.168.200.25:7000
            mode tcp
            server one 192.168.200.103:7000
        """;

    [LabFact]
    public void A_large_download_arrives_whole()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();
        string sent = RandomFile("down", 200 * Mebibyte);
        string received = Path.Combine(world.Folder, "received");

        Assert.Equal(0, world.Curl(51, "/files/down", "--output", received).ExitCode);

        Assert.Equal(Checksum(sent), Checksum(received));
    }

    [LabFact]
    public void A_large_upload_arrives_whole()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();
        string sent = RandomFile("source", 100 * Mebibyte);

        Command.Outcome put = world.Curl(51, "/files/up", "--upload-file", sent);

        Assert.True(put.ExitCode == 0, put.Errors);
        Assert.Equal(Checksum(sent), Checksum(Path.Combine(world.Folder, "files", "up")));
    }

    [LabFact]
    public async Task Many_transfers_at_once_do_not_mix()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();
        string[] names = [.. Enumerable.Range(0, 12).Select(number => $"part{number}")];
        string[] sums = [.. names.Select(name => Checksum(RandomFile(name, 3 * Mebibyte + name.Length)))];

        Task<string>[] transfers = [.. names.Select((name, number) => Task.Run(() =>
        {
            string received = Path.Combine(world.Folder, name + ".received");
            world.Curl(51 + number, "/files/" + name, "--output", received, "--limit-rate", "20M");
            return Checksum(received);
        }))];

        Assert.Equal(sums, await Task.WhenAll(transfers));
    }

    [LabFact]
    public void A_client_that_has_said_all_still_gets_the_whole_answer()
    {
        using PlainServer server = new(world.Exchange(1), Local(7000), connection =>
        {
            byte[] heard = ReadToEnd(connection);
            connection.Send(heard);
            connection.Shutdown(SocketShutdown.Send);
        });
        using RunningBalancer balancer = new(world, Configurations.Article + Plain);
        byte[] question = RandomNumberGenerator.GetBytes(5 * Mebibyte);
        using Socket client = world.Connect(51, 7000);

        client.Send(question);
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal(Convert.ToHexString(SHA256.HashData(question)), Convert.ToHexString(SHA256.HashData(ReadToEnd(client))));
        Assert.Equal("--", balancer.Log.WaitForSession(line => line.Frontend == "plain").Code);
    }

    [LabFact]
    public void A_server_that_has_said_all_still_hears_the_client()
    {
        TaskCompletionSource<byte[]> heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using PlainServer server = new(world.Exchange(1), Local(7000), connection =>
        {
            connection.Send("banner"u8);
            connection.Shutdown(SocketShutdown.Send);
            heard.SetResult(ReadToEnd(connection));
        });
        using RunningBalancer balancer = new(world, Configurations.Article + Plain);
        using Socket client = world.Connect(51, 7000);

        Assert.Equal("banner", Encoding.ASCII.GetString(ReadToEnd(client)));
        client.Send("the last word"u8);
        client.Shutdown(SocketShutdown.Send);

        Assert.True(heard.Task.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal("the last word", Encoding.ASCII.GetString(heard.Task.Result));
    }

    [LabFact]
    public async Task A_client_that_resets_in_the_middle_of_a_download_frees_the_server()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();
        RandomFile("down", 200 * Mebibyte);
        Socket client = world.Connect(51, 443);
        using SslStream tls = new(new NetworkStream(client), leaveInnerStreamOpen: true);
        await tls.AuthenticateAsClientAsync(Authority.Verifying(world.Folder, LabWorld.Site));
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET /files/down HTTP/1.1\r\nHost: {LabWorld.Site}\r\n\r\n"));
        await tls.ReadExactlyAsync(new byte[Mebibyte]);

        PlainServer.Reset(client);

        Assert.Equal("CD", balancer.Log.WaitForSession(line => line.Frontend == "e2k13").Code);
        Eventually.Holds(Eventually.Seconds(30), () => balancer.Stats["e2k13", "BACKEND", "scur"] == "0", () => "the session goes on");
        Eventually.Holds(Eventually.Seconds(30), () => !EstablishedAt(1) && !EstablishedAt(2), () => "a server still has the connection");
    }

    [LabFact]
    public void A_server_that_resets_is_passed_on_to_the_client()
    {
        using PlainServer server = new(world.Exchange(1), Local(7000), PlainServer.AnswerThenReset);
        using RunningBalancer balancer = new(world, Configurations.Article + Plain);
        using (Socket client = world.Connect(51, 7000))
        {
            PlainServer.ProvokeReset(client);

            PlainServer.WaitForTheEnd(client);
        }

        Assert.Equal("SD", balancer.Log.WaitForSession(line => line.Frontend == "plain").Code);
    }

    private static IPEndPoint Local(int port) => new(IPAddress.Any, port);

    private bool EstablishedAt(int server) =>
        world.Exchange(server).Run("ss", "-Htn", "state", "established", "sport", "=", ":443").Split('\n').Any(line => line.Contains("192.168.200.25", StringComparison.Ordinal) || line.Contains("192.168.200.21", StringComparison.Ordinal));

    private string RandomFile(string name, int bytes)
    {
        string path = Path.Combine(world.Folder, "files", name);
        File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(bytes));
        return path;
    }

    private static string Checksum(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }

    private static byte[] ReadToEnd(Socket connection)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = connection.Receive(buffer)) > 0;) { all.Write(buffer, 0, read); }
        return all.ToArray();
    }
}
