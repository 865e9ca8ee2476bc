using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Process;

/// <summary>Users and groups as the system's name services know them (getpwnam_r(3), getgrnam_r(3)).</summary>
public static unsafe partial class Account
{
    /// <summary>Room for one entry's strings; entries that need more are treated as unknown.</summary>
    private const int EntryBytes = 64 * 1024;

    /// <summary>The user's number and primary group, or null when nobody is called so.</summary>
    public static (uint UserId, uint GroupId)? FindUser(string name)
    {
        byte[] buffer = new byte[EntryBytes];
        fixed (byte* room = buffer)
        {
            PasswordEntry entry;
            PasswordEntry* found = null;
            return getpwnam_r(name, &entry, room, EntryBytes, &found) == 0 && found != null
                ? (entry.UserId, entry.GroupId)
                : null;
        }
    }

    /// <summary>The group's number, or null when none is called so.</summary>
    public static uint? FindGroup(string name)
    {
        byte[] buffer = new byte[EntryBytes];
        fixed (byte* room = buffer)
        {
            GroupEntry entry;
            GroupEntry* found = null;
            return getgrnam_r(name, &entry, room, EntryBytes, &found) == 0 && found != null ? entry.GroupId : null;
        }
    }

    /// <summary>struct passwd of glibc on 64 bits; only the numbers are read.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PasswordEntry
    {
        public nint Name;
        public nint Password;
        public uint UserId;
        public uint GroupId;
        public nint Comment;
        public nint Home;
        public nint Shell;
    }

    /// <summary>struct group of glibc on 64 bits; only the number is read.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct GroupEntry
    {
        public nint Name;
        public nint Password;
        public uint GroupId;
        public nint Members;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int getpwnam_r(string name, PasswordEntry* entry, byte* buffer, nuint size, PasswordEntry** result);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int getgrnam_r(string name, GroupEntry* entry, byte* buffer, nuint size, GroupEntry** result);
}
