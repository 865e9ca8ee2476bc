using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using ExchangeLb.Admin.Commands;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Admin.Tests.Commands;

public sealed class RuntimeSocketsTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("runtime");
    private readonly FakeTime _time = new();
    private readonly FakeLoadBalancer _balancer = new(Scene.EveryState());
    private readonly RuntimeSockets _sockets;

    public RuntimeSocketsTests() => _sockets = new RuntimeSockets(() => _balancer, _time);

    private string SocketPath => System.IO.Path.Combine(_directory.FullName, "stats.sock");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _sockets.DisposeAsync();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_file_has_the_rights_that_were_asked_for()
    {
        Assert.Empty(Open(UnixSocket() with { FileMode = 0x1B0 }));   // octal 660

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
            new FileInfo(SocketPath).UnixFileMode);
        Assert.Equal(["stats.sock"], _directory.GetFiles().Select(file => file.Name));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named_with_what_to_write_instead()
    {
        StatsSocketModel lost = UnixSocket() with { Path = System.IO.Path.Combine(_directory.FullName, "none", "admin.sock"), Place = new SourcePlace("haproxy.cfg", 7) };

        Diagnostic alert = Assert.Single(Open(lost));

        Assert.Equal(new SourcePlace("haproxy.cfg", 7), alert.Place);
        Assert.Contains($"there is no folder {_directory.FullName}/none; the packaged service's own folder is /run/exchangelb: "
            + "write 'stats socket /run/exchangelb/admin.sock'", alert.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_left_by_an_earlier_process_is_replaced()
    {
        await using (var earlier = new RuntimeSockets(() => _balancer, _time))
        {
            earlier.Open(Global(UnixSocket()));
        }
        Assert.True(File.Exists(SocketPath));

        Assert.Empty(Open(UnixSocket()));

        Assert.Equal("1 (initial 1)\n\n", await AskAsync("get weight e2k13/exchange1\n"));
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        File.WriteAllText(SocketPath, "precious");

        Diagnostic diagnostic = Assert.Single(Open(UnixSocket()));

        Assert.Equal((Severity.Alert, 7), (diagnostic.Severity, diagnostic.Place!.Value.Line));
        Assert.Equal("precious", File.ReadAllText(SocketPath));
    }

    [Fact]
    public void What_cannot_be_opened_is_told_and_the_rest_is_opened()
    {
        var longPath = UnixSocket() with { Path = "/" + new string('x', 120) };
        var missing = UnixSocket() with { Path = SocketPath + "/there/is/no/such/directory" };

        ImmutableArray<Diagnostic> diagnostics = Open(longPath, missing, UnixSocket());

        Assert.Equal(2, diagnostics.Length);
        Assert.Contains("too long", diagnostics[0].Message, StringComparison.Ordinal);
        Assert.True(File.Exists(SocketPath));
    }

    [Fact]
    public async Task An_internet_address_serves_too()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = (IPEndPoint)probe.LocalEndpoint;
        probe.Stop();

        Assert.Empty(Open(new StatsSocketModel(null, address, default)));

        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(address);
        Assert.Equal("Permission denied\n\n", await AskAsync(client, "disable server e2k13/exchange1\n"));
    }

    [Fact]
    public async Task One_line_is_answered_and_the_connection_closed()
    {
        Open(UnixSocket());

        Assert.Equal("1 (initial 1)\n\n5 (initial 1)\n\n", await AskAsync("get weight e2k13/exchange1; get weight e2k13/full\nshow info\n"));
    }

    [Fact]
    public async Task A_prompt_keeps_the_connection_until_quit()
    {
        Open(UnixSocket());

        Assert.Equal("\n> 1 (initial 1)\n\n> ", await AskAsync("prompt\nget weight e2k13/exchange1\nquit\n"));
    }

    [Theory]
    [InlineData("show info")]
    [InlineData("")]
    public async Task A_line_that_does_not_end_is_not_run(string begun)
    {
        Open(UnixSocket());

        Assert.Empty(await AskAsync(begun));
    }

    [Fact]
    public async Task A_line_beyond_the_limit_ends_the_connection()
    {
        Open(UnixSocket());

        Assert.Empty(await AskAsync(new string('a', CommandLimits.LineBytes + 1) + "\n"));
    }

    [Fact]
    public async Task Silence_ends_the_connection_after_the_timeout()
    {
        Open(UnixSocket());
        using Socket client = await ConnectAsync();
        await _time.WhenTimerOf(IdleTimeout);

        _time.Advance(IdleTimeout);

        Assert.Empty(await ReceiveAllAsync(client));
    }

    [Fact]
    public async Task Beyond_the_limit_clients_wait_their_turn()
    {
        _sockets.Open(Global(UnixSocket()) with { StatsMaxConn = 1 });
        using Socket first = await ConnectAsync();
        await _time.WhenTimerOf(IdleTimeout);
        using Socket second = await ConnectAsync();
        await second.SendAsync("get weight e2k13/full\n"u8.ToArray());
        Assert.Equal(1, _sockets.OpenCount);

        first.Shutdown(SocketShutdown.Send);

        Assert.Equal("5 (initial 1)\n\n", await ReceiveAllAsync(second));
    }

    [Fact]
    public async Task A_long_answer_arrives_whole()
    {
        _balancer.Tables["e2k13"] = [.. Enumerable.Range(0, 20000).Select(n => new Core.Runtime.StickEntrySnapshot(
            new IPAddress(n), 1, "exchange1", TimeSpan.FromSeconds(1), 0))];
        Open(UnixSocket());

        string answer = await AskAsync("show table e2k13\n");

        Assert.Equal(20000 + 3, answer.Split('\n').Length);
        Assert.EndsWith("\n\n", answer, StringComparison.Ordinal);
    }

    [Property(MaxTest = 100)]
    public bool Whatever_comes_in_whatever_pieces_ends(byte[] noise, byte cut, bool prompt)
    {
        using var pair = new SocketPair();
        using var connection = new RuntimeConnection(pair.Server, new CommandSession(RuntimeLevel.Admin, IdleTimeout), () => _balancer, _time);
        Task serving = connection.ServeAsync(default);
        byte[] bytes = [.. prompt ? "prompt\n"u8 : [], .. "set server "u8, .. noise, .. "\nshow "u8, .. noise, (byte)'\n'];
        try
        {
            foreach (byte[] piece in bytes.Chunk(1 + (cut % 40)))
            {
                pair.Client.Send(piece);
            }
            pair.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // Answered already.
        }

        return Task.WhenAny(serving).Wait(TimeSpan.FromSeconds(20)) && serving.Exception?.InnerException is null or SocketException;
    }

    private StatsSocketModel UnixSocket() => new(SocketPath, null, new SourcePlace("haproxy.cfg", 7)) { Level = RuntimeLevel.Admin };

    private ImmutableArray<Diagnostic> Open(params StatsSocketModel[] sockets) => _sockets.Open(Global(sockets));

    private static GlobalModel Global(params StatsSocketModel[] sockets) => new() { StatsSockets = [.. sockets], StatsTimeout = IdleTimeout };

    private async Task<Socket> ConnectAsync()
    {
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        return client;
    }

    private async Task<string> AskAsync(string text)
    {
        using Socket client = await ConnectAsync();
        return await AskAsync(client, text);
    }

    private static async Task<string> AskAsync(Socket client, string text)
    {
        await client.SendAsync(Encoding.UTF8.GetBytes(text));
        client.Shutdown(SocketShutdown.Send);
        return await ReceiveAllAsync(client);
    }

    private static async Task<string> ReceiveAllAsync(Socket client)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[65536];
        try
        {
            while (await client.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(20)) is var count and > 0)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (SocketException end) when (end.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The other side closed before it had read all.
        }
        return text.ToString();
    }
}
