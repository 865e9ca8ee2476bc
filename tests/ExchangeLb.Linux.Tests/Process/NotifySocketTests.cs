using System;
using System.IO;
using System.Net.Sockets;
using System.Text;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Linux.Tests.Process;

public sealed class NotifySocketTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("exchangelb-notify");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_service_manager_receives_one_datagram(bool isAbstract)
    {
        string path = Path.Combine(_directory.FullName, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? '\0' + path : path));

        bool sent = NotifySocket.Send(isAbstract ? '@' + path : path, "READY=1\nSTATUS=serving");

        byte[] received = new byte[256];
        Assert.True(sent);
        int count = manager.Receive(received);
        Assert.Equal("READY=1\nSTATUS=serving", Encoding.UTF8.GetString(received, 0, count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("vsock:2:1234")]
    [InlineData("/nobody/listens/here")]
    public void An_address_that_is_none_is_only_not_sent_to(string address) => Assert.False(NotifySocket.Send(address, "READY=1"));

    [Fact]
    public void An_address_longer_than_the_kernel_takes_is_not_cut()
    {
        Span<byte> name = stackalloc byte[2 + NotifySocket.PathBytes];

        Assert.Equal(2 + NotifySocket.PathBytes, NotifySocket.Address('/' + new string('x', NotifySocket.PathBytes - 2), name));
        Assert.Equal(0, NotifySocket.Address('/' + new string('x', NotifySocket.PathBytes - 1), name));
    }

    [Fact]
    public void The_bytes_are_a_sockaddr_un()
    {
        Span<byte> name = stackalloc byte[2 + NotifySocket.PathBytes];

        int length = NotifySocket.Address("@ab", name);

        Assert.Equal(new byte[] { 1, 0, 0, (byte)'a', (byte)'b' }, name[..length].ToArray());
    }
}
