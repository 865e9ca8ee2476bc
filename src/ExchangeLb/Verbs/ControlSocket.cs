using System;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace ExchangeLb.Verbs;

/// <summary>The local node's control socket: one line there, its answer back, as on HAProxy's stats socket (management.txt, 9.3).</summary>
internal sealed class ControlSocket(string path)
{
    /// <summary>A node answers questions at once; one that does not has a fault, and monitoring waits for no more than ten seconds.</summary>
    public static readonly TimeSpan QuestionPatience = TimeSpan.FromSeconds(5);

    /// <summary>Orders end after ten seconds by themselves; the node gives up after thirty.</summary>
    public static readonly TimeSpan OrderPatience = TimeSpan.FromSeconds(40);

    /// <summary>An answer of the largest cluster, many times over.</summary>
    private const int LongestAnswer = 16 << 20;

    public string Path => path;

    /// <summary>A command's words as one line: what the other side would cut at is escaped.</summary>
    public static string Line(params string[] words)
    {
        StringBuilder line = new();
        foreach (char c in string.Join('\n', words))
        {
            line.Append(c == '\n' ? " " : c is ' ' or '\t' or ';' or '\\' ? $"\\{c}" : c.ToString());
        }
        return line.ToString();
    }

    /// <param name="stop">Ends the wait without a problem of the node's: it is thrown as cancellation.</param>
    public async Task<ControlAnswer> AskAsync(string line, TimeSpan patience, CancellationToken stop)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(patience);
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), deadline.Token).ConfigureAwait(false);
            await socket.SendAsync(Encoding.UTF8.GetBytes(line + "\n"), deadline.Token).ConfigureAwait(false);
            return await ReceiveAsync(socket, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Fail($"the node does not answer on {path} within {patience.TotalSeconds:0} s; it hangs, or this host is overloaded: look at its log");
        }
        catch (SocketException failure)
        {
            return Fail(Explain(failure));
        }
        catch (ArgumentOutOfRangeException)
        {
            return Fail($"{path} is too long for a socket (107 bytes); choose a shorter folder by --state");
        }
    }

    private async Task<ControlAnswer> ReceiveAsync(Socket socket, CancellationToken stop)
    {
        using MemoryStream answer = new();
        byte[] buffer = new byte[65_536];
        for (int received; answer.Length < LongestAnswer && (received = await socket.ReceiveAsync(buffer, stop).ConfigureAwait(false)) > 0;)
        {
            answer.Write(buffer, 0, received);
        }
        string text = Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length).TrimEnd('\n');
        return text.Length > 0 ? new(text, null) : Fail($"the node ended the connection on {path} without an answer; it is just stopping, or look at its log");
    }

    private string Explain(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported =>
            $"no node runs here: there is no {path}; start one (exchangelb -f haproxy.cfg --cluster cluster.cfg), or name its folder by --state",
        SocketError.ConnectionRefused => $"the node that made {path} does not run any more; start it again, or name another's folder by --state",
        SocketError.AccessDenied => $"no permission for {path}; be root (sudo), or of the group that may use it",
        _ => $"can't talk to the node on {path}: {failure.Message}",
    };

    private static ControlAnswer Fail(string problem) => new("", problem);
}
