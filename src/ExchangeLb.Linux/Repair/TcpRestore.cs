using System;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>
/// Makes a connection from its image. Any thread, in the network namespace of the host; the socket then belongs to the loop that gets it.
/// The fence stays up until all are restored (a retransmission timer may run), and opens before the first release; the address may come later. Needs
/// CAP_NET_ADMIN, and CAP_NET_BIND_SERVICE for ports under 1024.
/// </summary>
public static class TcpRestore
{
    /// <summary>How long an image may have been on its way without its age being counted.</summary>
    public static readonly TimeSpan DefaultMargin = TimeSpan.FromSeconds(1);

    private const int IPPROTO_TCP = 6;
    private const int CloseWithinSeconds = 1;

    /// <summary>
    /// Unread bytes up to here are simply the owner's. Of more the other side would be promised the room a second time, and what waits would double with each move.
    /// </summary>
    private const int InHandsMax = 64 * 1024;
    private static readonly SocketOption Linger2 = new(IPPROTO_TCP, 8);

    /// <summary>
    /// Makes the socket and leaves it in repair: no packet is sent before <see cref="Release"/>. The owner then has what is not the kernel's:
    /// <see cref="TcpImage.Received"/> comes before anything that the socket receives, unless <see cref="RestoredSocket.HoldsReceived"/>; <see cref="TcpImage.Unsent"/>, then the end of stream
    /// if <see cref="TcpTraits.EndQueued"/>, is to be written after the release; with <see cref="TcpTraits.PeerEnded"/> nothing more will come,
    /// and the kernel will not say so.
    /// </summary>
    public static RestoreResult Open(TcpImage image, ImageClock now) => Open(image, now, DefaultMargin);

    /// <param name="margin">How long the image may have been on its way without its age being counted, at least.</param>
    public static RestoreResult Open(TcpImage image, ImageClock now, TimeSpan margin) => Open(image, now, margin, KernelBuffers.OfHost);

    /// <param name="buffers">The socket's become no larger, unless what it has to hold is.</param>
    public static RestoreResult Open(TcpImage image, ImageClock now, TimeSpan margin, KernelBuffers buffers)
    {
        if (image.Received.Length > InHandsMax && !image.Has(TcpTraits.PeerEnded))
        {
            RestoreResult whole = Open(image, now, margin, buffers, received: image.Received);
            if (whole.FailedAt != RestoreStep.ReceivedBytes) { return whole; }      // else, the kernel has no memory for it: we have
        }
        return Open(image, now, margin, buffers, received: []);
    }

    /// <param name="received">What the socket is to hold. Not where the other side has ended: its FIN has a number, behind these bytes, and can't be queued.</param>
    private static RestoreResult Open(TcpImage image, ImageClock now, TimeSpan margin, KernelBuffers buffers, byte[] received)
    {
        SysResult created = TcpSocket.Create(image.Local.Family);
        if (created.Failed) { return new RestoreResult(default, RestoreStep.Create, created); }
        int fd = created.Count;
        uint firstSequence = image.SendUnacked - (image.Has(TcpTraits.EndAcknowledged) ? 1u : 0u);
        RestoreResult connected = Connect(fd, image.Local, image.Remote, firstSequence, unchecked(image.ReceiveNext - (uint)received.Length));
        if (!connected.Ok) { return connected; }

        RestoreStep step = RestoreStep.Options;
        SysResult result = TcpRepair.SetOptions(fd, image);
        if (result.Ok && image.Has(TcpTraits.Timestamps))
        {
            step = RestoreStep.Timestamp;
            result = TcpRepair.SetTimestamp(fd, image.TimestampAt(now, margin));
        }
        if (result.Ok)
        {
            step = RestoreStep.Buffers;
            result = RestoreQueues.MakeRoom(fd, image, received.Length, buffers);
        }
        if (result.Ok && received.Length > 0)
        {
            step = RestoreStep.ReceivedBytes;
            result = RestoreQueues.EnqueueReceived(fd, received);
        }
        if (result.Ok)
        {
            step = RestoreStep.Window;      // once the other side's next number is what it was
            result = TcpRepair.SetWindow(fd, image.Window.Fitting(image.ReceiveNext));
        }
        if (result.Ok)
        {
            step = RestoreStep.SegmentSize;
            result = TcpRepair.RecomputeSegmentSize(fd);
        }
        bool anew = false;
        if (result.Ok)
        {
            step = RestoreStep.UnackedBytes;
            result = RestoreQueues.FitsFirstFlight(fd, image, out anew);
        }
        if (result.Ok && !anew) { result = RestoreQueues.EnqueueSent(fd, image.Unacked); }
        if (result.Ok && image.Has(TcpTraits.SelectiveAck))
        {
            step = RestoreStep.Options;     // with it the kernel would wait a second for a loss probe that tells it nothing, and only then for the retransmission
            result = TcpRepair.PermitSelectiveAck(fd);
        }
        if (result.Ok && (image.Has(TcpTraits.EndAcknowledged) || (image.Has(TcpTraits.EndSent) && !anew)))
        {
            step = RestoreStep.EndOfStream;
            result = RestoreQueues.EnqueueEnd(fd);
        }
        if (result.Ok)
        {
            step = RestoreStep.KeepAlive;
            result = SetOwnOptions(fd, image);
        }
        return result.Ok
            ? new RestoreResult(new RestoredSocket(fd, anew ? image.Unacked : [], anew && image.Has(TcpTraits.EndSent), IsQuiet(image), received.Length > 0), RestoreStep.None, default)
            : Failed(fd, step, result);
    }

    /// <summary>
    /// Sets the connection going: the kernel sends a window probe (to which the other side answers where it stands), and what was
    /// unacknowledged again; where nothing was under way, nothing. From here on it is an ordinary socket, whose readiness is to be asked for anew. The fence must be open: what it
    /// drops outward would count as not sent.
    /// </summary>
    /// <returns>A failure is the connection's: close it.</returns>
    public static SysResult Release(in RestoredSocket socket)
    {
        SysResult result = socket.IsQuiet ? TcpRepair.LeaveSilently(socket.Fd) : TcpRepair.LeaveProbing(socket.Fd);
        if (result.Ok && socket.Anew.Length > 0)
        {
            // In one call, and all of it: were a part held back, an acknowledgement of the whole would lie beyond what was sent, and be ignored for ever.
            result = TcpSocket.Send(socket.Fd, socket.Anew, more: false);
            if (result.Ok && result.Count < socket.Anew.Length) { result = SysResult.FromError(Errno.ENOBUFS); }
        }
        if (result.Ok && socket.EndAnew) { result = TcpSocket.ShutdownWrite(socket.Fd); }
        return result;
    }

    /// <summary>Without room at the other side its answer to a probe is how we hear of room again.</summary>
    private static bool IsQuiet(TcpImage image) =>
        image.Unacked.Length + image.Unsent.Length == 0 && image.Window.Send > 0
        && !image.Has(TcpTraits.EndQueued) && !image.Has(TcpTraits.EndSent) && !image.Has(TcpTraits.EndAcknowledged);

    /// <summary>In repair connecting sends nothing and is done at once. Closes the descriptor when it fails.</summary>
    internal static RestoreResult Connect(int fd, in SockAddress local, in SockAddress remote, uint sendSequence, uint receiveSequence)
    {
        RestoreStep step = RestoreStep.Transparent;
        // The address may not be here yet. Other than with IP_FREEBIND the connect works, too.
        SysResult result = TcpSocket.Set(fd, local.Family == SockAddress.AF_INET ? SocketOption.Transparent : SocketOption.V6Transparent, 1);
        if (result.Ok)
        {
            step = RestoreStep.Enter;
            result = TcpRepair.Enter(fd);
        }
        if (result.Ok)
        {
            step = RestoreStep.Sequences;
            result = TcpRepair.Select(fd, RepairQueue.Send);
        }
        if (result.Ok) { result = TcpRepair.SetSequence(fd, sendSequence); }
        if (result.Ok) { result = TcpRepair.Select(fd, RepairQueue.Receive); }
        if (result.Ok) { result = TcpRepair.SetSequence(fd, receiveSequence); }
        if (result.Ok) { result = TcpRepair.Select(fd, RepairQueue.None); }
        if (result.Ok)
        {
            step = RestoreStep.Bind;
            result = TcpSocket.Bind(fd, local);
        }
        if (result.Ok)
        {
            step = RestoreStep.Connect;
            result = TcpSocket.Connect(fd, remote);
        }
        return result.Ok ? default : Failed(fd, step, result);
    }

    private static RestoreResult Failed(int fd, RestoreStep step, SysResult failure)
    {
        Descriptor.Close(fd);
        return new RestoreResult(default, step, failure);
    }

    private static SysResult SetOwnOptions(int fd, TcpImage image)
    {
        SysResult result = default;
        if (image.Has(TcpTraits.NoDelay)) { result = TcpSocket.Set(fd, SocketOption.NoDelay, 1); }
        if (result.Ok && image.Has(TcpTraits.KeepAlive)) { result = KeepAliveOption.Set(fd, image.KeepAlive); }
        // The kernel does not know that the other side has ended, and would wait a minute for that after the last close.
        if (result.Ok && image.Has(TcpTraits.PeerEnded)) { result = TcpSocket.Set(fd, Linger2, CloseWithinSeconds); }
        return result;
    }
}
