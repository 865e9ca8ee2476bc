using System.Collections.Generic;
using System.Threading;

namespace ExchangeLb.Linux.Calls;

/// <summary>
/// Low numbers for descriptors whose closing waits. When a process dies, the kernel closes its descriptors from the highest number down (task work is last in,
/// first out since Linux 4.4), and each packet or nfnetlink socket holds it up for an RCU grace period, 10 to 30 ms. In low numbers they hold up nothing
/// that others wait for: sessions that should end, listeners that should refuse, and right after those, at <see cref="MoveToTop"/>, what tells others that
/// all this has happened. Safe for use by several threads.
/// </summary>
public static class LowDescriptors
{
    private const int O_CLOEXEC = 0x80000;

    private static readonly Lock Gate = new();
    private static readonly Stack<int> Free = [];
    private static readonly HashSet<int> Taken = [];
    private static int _filler = -1;
    private static int _top = -1;
    private static int _topTaken = -1;

    /// <summary>Sets numbers aside, the lowest that are free now: to be called before anything is opened that ought to close first.</summary>
    public static SysResult Reserve(int count)
    {
        lock (Gate)
        {
            if (_filler < 0)
            {
                SysResult filler = SysResult.Of(Libc.eventfd(0, O_CLOEXEC));
                if (filler.Failed)
                {
                    return filler;
                }
                _filler = filler.Count;
            }
            for (int i = 0; i < count; i++)
            {
                SysResult place = Descriptor.Duplicate(_filler);
                if (place.Failed)
                {
                    return place;
                }
                Free.Push(place.Count);
            }
            if (_top < 0)
            {
                _top = Free.TryPop(out int top) ? top : -1;
            }
            return SysResult.FromError(Errno.None);
        }
    }

    /// <summary>Moves an open descriptor down.</summary>
    /// <returns>Its number from now on: the same, where none is set aside.</returns>
    public static int Move(int fd)
    {
        lock (Gate)
        {
            if (!Free.TryPop(out int place))
            {
                return fd;
            }
            if (Libc.dup3(fd, place, O_CLOEXEC) < 0)
            {
                Free.Push(place);
                return fd;
            }
            Taken.Add(place);
            Descriptor.Close(fd);
            return place;
        }
    }

    /// <summary>As <see cref="Move"/>, to the highest number that was set aside; one descriptor at a time.</summary>
    public static int MoveToTop(int fd)
    {
        lock (Gate)
        {
            int top = _top;
            _top = -1;
            if (top < 0 || Libc.dup3(fd, top, O_CLOEXEC) < 0)
            {
                return fd;
            }
            Descriptor.Close(fd);
            _topTaken = top;
            return top;
        }
    }

    /// <summary>Gives one number back to the system, for a library that opens its descriptor itself right afterwards.</summary>
    public static void LetGo()
    {
        lock (Gate)
        {
            if (Free.TryPop(out int place))
            {
                Descriptor.Close(place);
            }
        }
    }

    /// <summary>Closes what <see cref="Move"/> or <see cref="MoveToTop"/> answered; a number that was set aside stays so. May wait; the others don't meanwhile.</summary>
    public static void Close(int fd)
    {
        bool taken, top;
        lock (Gate)
        {
            taken = Taken.Remove(fd);
            top = fd == _topTaken;
            _topTaken = top ? -1 : _topTaken;
        }
        if (!taken && !top)
        {
            Descriptor.Close(fd);
            return;
        }
        if (Libc.dup3(_filler, fd, O_CLOEXEC) < 0)
        {
            Descriptor.Close(fd);
            return;
        }
        lock (Gate)
        {
            if (top)
            {
                _top = fd;
            }
            else
            {
                Free.Push(fd);
            }
        }
    }
}
