using System.Globalization;
using System.Runtime.InteropServices;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Linux.Process;
using ExchangeLb.Messages;

namespace ExchangeLb.Starting;

/// <summary>`user`, `group`, `uid`, `gid`: root is needed until everything is bound, and given up then. `chroot` is left to systemd.</summary>
internal static class Identity
{
    /// <summary>Replaces names by numbers. An unknown name is an alert: already -c should tell.</summary>
    /// <param name="followed">False for a node of a cluster, which stays who it is: no such user need be there.</param>
    public static GlobalModel Resolve(GlobalModel global, bool followed, DiagnosticList diagnostics)
    {
        uint? userId = global.UserId;
        uint? groupId = global.GroupId;
        if (global.User is { } user && (userId = Account.FindUser(user)?.UserId) is null && followed)
        {
            diagnostics.Alert(global.UserPlace, $"user '{user}' is not known on this host; create it, or correct 'user' in the global section");
        }
        if (global.Group is { } group && (groupId = Account.FindGroup(group)) is null && followed)
        {
            diagnostics.Alert(global.GroupPlace, $"group '{group}' is not known on this host; create it, or correct 'group' in the global section");
        }
        return global with { UserId = userId, GroupId = groupId };
    }

    /// <summary>
    /// Who is not root has no more rights to give up, and goes on as who he is (HAProxy 2.6 ends with "Cannot set gid"): whoever started him so, a unit for
    /// example, has chosen the user already.
    /// </summary>
    /// <returns>False after an alert: to run as root where another user was asked for is worse than not to run.</returns>
    public static bool Take(GlobalModel global, StartMessages messages)
    {
        if (global.Chroot is { } directory)
        {
            messages.Notice($"chroot {directory}: accepted, not done, as the runtime needs files of the system. Let systemd's sandbox fence the " +
                "process in (ProtectSystem=strict, ProtectHome=yes, PrivateTmp=yes, or RootDirectory=).");
        }
        if (global.UserId is null && global.GroupId is null)
        {
            return true;
        }
        int error = Privileges.Become(global.UserId, global.GroupId);
        if (error != 0 && !Privileges.IsRoot)
        {
            SayKept(global, messages);
            return true;
        }
        if (error != 0)
        {
            messages.Alert($"Cannot become user {Text(global.UserId)}, group {Text(global.GroupId)}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        return error == 0;
    }

    /// <summary>Not root: the lines that ask for another user or group than this process has, and why they are not followed, in one notice.</summary>
    public static void SayKept(GlobalModel global, StartMessages messages)
    {
        SourcePlace? user = global.UserId != Privileges.UserId ? global.UserPlace : null;
        SourcePlace? group = global.GroupId != Privileges.GroupId ? global.GroupPlace : null;
        if ((user ?? group) is not { } first)
        {
            return;
        }
        string what = user is null ? "'group' is" : group is not { } second ? "'user' is" : $"'user' and 'group' ({second}) are";
        messages.Say(Severity.Notice, MessageShape.FormatConfiguration(new Diagnostic(Severity.Notice, first,
            $"{what} not followed: this process was not started as root, so it goes on as the user that it is (uid {Privileges.UserId})")));
    }

    private static string Text(uint? id) => id?.ToString(CultureInfo.InvariantCulture) ?? "(unchanged)";
}
