namespace ExchangeLb.Linux.Corosync;

/// <summary>What a call of Corosync's libraries returned (`cs_error_t`, corosync/corotypes.h): those that the program tells apart.</summary>
public enum CorosyncError
{
    CS_OK = 1,

    /// <summary>Also: the connection is dead, or Corosync does not run.</summary>
    CS_ERR_LIBRARY = 2,
    CS_ERR_TIMEOUT = 5,

    /// <summary>Its queues are full, or (dispatching) nothing has come.</summary>
    CS_ERR_TRY_AGAIN = 6,
    CS_ERR_INVALID_PARAM = 7,
    CS_ERR_BAD_HANDLE = 9,

    /// <summary>The user has no access: `uidgid` in Corosync's configuration.</summary>
    CS_ERR_ACCESS = 11,

    /// <summary>Its shared memory is not there: another mount namespace, or /dev/shm is full.</summary>
    CS_ERR_NOT_EXIST = 12,
    CS_ERR_EXIST = 14,

    /// <summary>/dev/shm has no room for a client's buffers.</summary>
    CS_ERR_NO_SPACE = 15,
    CS_ERR_TOO_BIG = 26,
    CS_ERR_SECURITY = 100,
}
