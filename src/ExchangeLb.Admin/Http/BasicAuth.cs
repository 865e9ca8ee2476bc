using System;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace ExchangeLb.Admin.Http;

/// <summary>Basic authentication (RFC 7617) against `stats auth` lines.</summary>
internal static class BasicAuth
{
    private const string Scheme = "Basic ";

    /// <summary>
    /// Compares digests of equal length, and all of them: neither the length of a password, nor how much of it was right,
    /// nor which user it was shows in the time taken.
    /// </summary>
    public static bool Allows(ImmutableArray<(string User, string Password)> users, string? authorization)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        byte[] given = new byte[authorization.Length];
        if (!Convert.TryFromBase64Chars(authorization.AsSpan(Scheme.Length).Trim(), given, out int length))
        {
            return false;
        }
        byte[] digest = SHA256.HashData(given.AsSpan(0, length));
        bool allowed = false;
        foreach ((string user, string password) in users)
        {
            byte[] expected = SHA256.HashData(Encoding.UTF8.GetBytes($"{user}:{password}"));
            allowed |= CryptographicOperations.FixedTimeEquals(digest, expected);
        }
        return allowed;
    }
}
