using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Clustering;

/// <summary>Who holds a name in the kernel's abstract space. Anybody may take one there; not anybody may be a node.</summary>
/// <param name="User">Its effective user.</param>
/// <param name="MayServe">It has CAP_NET_ADMIN here, without which nobody holds a virtual address.</param>
internal sealed record NameHolder(int Process, uint User, bool MayServe, string Program)
{
    private const int CAP_NET_ADMIN = 12;

    /// <summary>Who has just taken the name is given so long to listen.</summary>
    private const int AskedTimes = 6, AskAgainMs = 20;

    /// <summary>It may be a node: root's, a process of this process's own user, or one with the rights of a node. What another user runs is none.</summary>
    public bool IsBelieved => User == 0 || User == Privileges.UserId || MayServe;

    /// <summary>`user 1000`.</summary>
    public string Owner => this == Mute ? "another user" : string.Create(CultureInfo.InvariantCulture, $"user {User}");

    /// <summary>`process 10808 (exchangelb)`.</summary>
    public override string ToString() => this == Mute ? "a process that does not listen" : string.Create(CultureInfo.InvariantCulture, $"process {Process} ({Program})");

    /// <summary>
    /// Somebody's whose files are hidden from us, and who does not listen. A node does from the moment on in which it has the name, but for an instant: this
    /// is none.
    /// </summary>
    private static readonly NameHolder Mute = new(0, uint.MaxValue, false, "");

    /// <returns>Null: it can't be found out. It may just be ending; or its queue is full, and its files are hidden from us.</returns>
    public static NameHolder? Of(string name) => Of(name, Searched);

    internal static NameHolder? Of(string name, Func<string, NameHolder?> searched)
    {
        NameHolder? holder = Asked(name, out bool listens);
        for (int asked = 1; !listens && asked < AskedTimes; asked++)
        {
            Thread.Sleep(AskAgainMs);
            holder = Asked(name, out listens);
        }
        return holder ?? searched(name) ?? (listens || Sockets(name).Count == 0 ? null : Mute);
    }

    private static NameHolder? Asked(string name, out bool listens)
    {
        listens = true;
        using Socket question = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            question.Connect(new UnixDomainSocketEndPoint("\0" + name));
            (int process, uint user) = PeerProcess.Credentials(question);
            return Read(process, user);
        }
        catch (SocketException failure)
        {
            listens = failure.SocketErrorCode != SocketError.ConnectionRefused;
            return null;
        }
    }

    /// <summary>The kernel's list of sockets gives its inode, and /proc who has that open: of processes that this one may look into.</summary>
    private static NameHolder? Searched(string name)
    {
        HashSet<string> wanted = Sockets(name);
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int process) && HasOpen(folder, wanted)
                && Line(process, "Uid:") is { } users && uint.TryParse(users.Split('\t')[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint user))
            {
                return Read(process, user);
            }
        }
        return null;
    }

    /// <summary>As /proc/PID/fd has them; who waits in its queue has its name, too. Columns, proc_net(5): Num, RefCount, Protocol, Flags, Type, St, Inode, Path.</summary>
    private static HashSet<string> Sockets(string name) => [.. File.ReadLines("/proc/net/unix")
        .Select(line => line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words.Length == 8 && words[7] == "@" + name)
        .Select(words => $"socket:[{words[6]}]")];

    private static bool HasOpen(string process, HashSet<string> wanted)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd")).Any(entry => new FileInfo(entry).LinkTarget is { } target && wanted.Contains(target));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static NameHolder Read(int process, uint user) => new(process, user, HasNetAdmin(process, user), Printable(Text(process, "comm") ?? "?"));

    /// <summary>
    /// Not in a user namespace of its own, where everybody has every right and none of them counts here; its map of users differs from ours there. And not by
    /// a set-user-id program, which anybody may start with the name already taken: its users are not one.
    /// </summary>
    private static bool HasNetAdmin(int process, uint user) =>
        Line(process, "Uid:") is { } users && users.Split('\t').Skip(1).All(one => one == user.ToString(CultureInfo.InvariantCulture))
            && Line(process, "CapEff:") is { } rights
            && ulong.TryParse(rights.Split('\t')[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong set) && (set >> CAP_NET_ADMIN & 1) != 0
            && Text(process, "uid_map") is { } map && map == Text(Environment.ProcessId, "uid_map");

    /// <summary>A process names itself as it likes: no line ends, no orders to a terminal.</summary>
    internal static string Printable(string program) =>
        string.Concat(program.TrimEnd('\n').Select(letter => letter is >= ' ' and <= '~' ? letter : '?'));

    private static string? Line(int process, string name) =>
        Text(process, "status")?.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));

    private static string? Text(int process, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/{file}"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
