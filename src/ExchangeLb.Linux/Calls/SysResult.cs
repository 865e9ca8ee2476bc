using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Calls;

/// <summary>What a system call returned: a value of 0 and up, or an error number. Never an exception.</summary>
public readonly struct SysResult : IEquatable<SysResult>
{
    private readonly long _raw;

    private SysResult(long raw) => _raw = raw;

    /// <summary>The call's value; negative when it failed.</summary>
    public long Value => _raw;

    /// <summary>The same as an int, for descriptors and counts that fit.</summary>
    public int Count => (int)_raw;

    public Errno Error => _raw >= 0 ? Errno.None : (Errno)(int)-_raw;

    public bool Ok => _raw >= 0;

    public bool Failed => _raw < 0;

    /// <summary>The descriptor is not ready now: not an error of the connection.</summary>
    public bool WouldBlock => _raw == -(long)Errno.EAGAIN;

    /// <summary>From a libc call's return value; must directly follow the call, on its thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static SysResult Of(long returned) => new(returned >= 0 ? returned : -(long)Marshal.GetLastSystemError());

    public static SysResult FromError(Errno error) => new(-(long)error);

    /// <summary>The system's words for the error (strerror(3)).</summary>
    public string Describe() => Marshal.GetPInvokeErrorMessage((int)Error);

    public bool Equals(SysResult other) => _raw == other._raw;

    public override bool Equals(object? obj) => obj is SysResult other && Equals(other);

    public override int GetHashCode() => _raw.GetHashCode();

    public static bool operator ==(SysResult left, SysResult right) => left.Equals(right);

    public static bool operator !=(SysResult left, SysResult right) => !left.Equals(right);

    public override string ToString() => Ok ? _raw.ToString(System.Globalization.CultureInfo.InvariantCulture) : Error.ToString();
}
