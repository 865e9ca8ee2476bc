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
    public static GlobalModel Resolve(GlobalModel global, DiagnosticList diagnostics)
    {
        uint? userId = global.UserId;
        uint? groupId = global.GroupId;
        if (global.User is { } user && (userId = Account.FindUser(user)?.UserId) is null)
        {
            diagnostics.Alert(null, $"user '{user}' is not known on this host; create it, or correct 'user' in the global section");
        }
        if (global.Group is { } group && (groupId = Account.FindGroup(group)) is null)
        {
            diagnostics.Alert(null, $"group '{group}' is not known on this host; create it, or correct 'group' in the global section");
        }
        return global with { UserId = userId, GroupId = groupId };
    }

    /// <returns>False after an alert: to run with more rights than asked for is worse than not to run.</returns>
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
        if (error != 0)
        {
            messages.Alert($"Cannot become user {Text(global.UserId)}, group {Text(global.GroupId)}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        return error == 0;
    }

    private static string Text(uint? id) => id?.ToString(CultureInfo.InvariantCulture) ?? "(unchanged)";
}
