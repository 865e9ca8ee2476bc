using System;
using System.Collections.Generic;
using System.Globalization;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Globals;

/// <summary>
/// `tune.rcvbuf.client` and its like (configuration.txt, 3.2): sizes with k, m or g as HAProxy 3.2 reads them; 2.6 takes the digits and nothing behind
/// them, so that its `64k` are 64 bytes. `tune.notsent-lowat.…` is HAProxy 3.2's.
/// </summary>
internal static class SocketBufferKeywords
{
    private const string Receive = "receive buffer, which the kernel doubles";
    private const string Send = "send buffer, which the kernel doubles";
    private const string NotSent = "bytes written ahead of what can be sent";
    private const string Kernel = "0: the kernel decides";

    /// <summary>Below that hardly anything passes; the kernel itself takes 2,304 to receive and 4,608 to send at the least (socket(7), tcp(7)).</summary>
    private const int Tiny = 4096;

    public static IEnumerable<Keyword<GlobalDraft>> Rows() =>
    [
        Client("tune.notsent-lowat.client", NotSent, buffers => buffers.NotSent, (buffers, size) => buffers with { NotSent = size }),
        Server("tune.notsent-lowat.server", NotSent, buffers => buffers.NotSent, (buffers, size) => buffers with { NotSent = size }),
        Client("tune.rcvbuf.client", Receive, buffers => buffers.Receive, (buffers, size) => buffers with { Receive = size }),
        Server("tune.rcvbuf.server", Receive, buffers => buffers.Receive, (buffers, size) => buffers with { Receive = size }),
        Client("tune.sndbuf.client", Send, buffers => buffers.Send, (buffers, size) => buffers with { Send = size }),
        Server("tune.sndbuf.server", Send, buffers => buffers.Send, (buffers, size) => buffers with { Send = size }),
    ];

    private static Keyword<GlobalDraft> Client(
        string name, string what, Func<SocketBuffersModel, int?> current, Func<SocketBuffersModel, int, SocketBuffersModel> change) =>
        Row(name, $"{what}, of a connection with a client; {Kernel}", (draft, line) =>
            draft.Model = draft.Model with { ClientBuffers = Read(line, draft.Model.ClientBuffers, current, change) });

    private static Keyword<GlobalDraft> Server(
        string name, string what, Func<SocketBuffersModel, int?> current, Func<SocketBuffersModel, int, SocketBuffersModel> change) =>
        Row(name, $"{what}, of a connection to a server; {Kernel}", (draft, line) =>
            draft.Model = draft.Model with { ServerBuffers = Read(line, draft.Model.ServerBuffers, current, change) });

    private static Keyword<GlobalDraft> Row(string name, string description, Action<GlobalDraft, Arguments> parse) =>
        new(name, SectionKinds.Global, Support.Run, description, parse) { Syntax = "<size>", MinArguments = 1, MaxArguments = 1 };

    /// <summary>The first one counts, unless it was 0, as in HAProxy.</summary>
    private static SocketBuffersModel Read(
        Arguments line, SocketBuffersModel buffers, Func<SocketBuffersModel, int?> current, Func<SocketBuffersModel, int, SocketBuffersModel> change)
    {
        if (!line.TrySize(0, out int size))
        {
            return buffers;
        }
        if (current(buffers) is not (null or 0) and { } first)
        {
            line.Warning(string.Create(CultureInfo.InvariantCulture, $"is said before, and {first} counts"), "remove one of the two lines");
            return buffers;
        }
        if (size is > 0 and < Tiny)
        {
            line.Warning(string.Create(CultureInfo.InvariantCulture, $"is {size} bytes, and hardly anything passes through so little"), "write it in bytes, or with k or m behind it");
        }
        return change(buffers, size);
    }
}
