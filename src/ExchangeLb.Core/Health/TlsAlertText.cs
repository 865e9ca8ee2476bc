namespace ExchangeLb.Core.Health;

/// <summary>Names of TLS alerts (RFC 8446, 6; RFC 5246, 7.2; RFC 7301 and others: the IANA registry).</summary>
public static class TlsAlertText
{
    /// <summary>`TLS alert 40 (handshake_failure)`; without a name when the code has none.</summary>
    public static string Describe(byte code) => code switch
    {
        0 => "TLS alert 0 (close_notify)",
        10 => "TLS alert 10 (unexpected_message)",
        20 => "TLS alert 20 (bad_record_mac)",
        22 => "TLS alert 22 (record_overflow)",
        40 => "TLS alert 40 (handshake_failure)",
        47 => "TLS alert 47 (illegal_parameter)",
        48 => "TLS alert 48 (unknown_ca)",
        49 => "TLS alert 49 (access_denied)",
        50 => "TLS alert 50 (decode_error)",
        51 => "TLS alert 51 (decrypt_error)",
        70 => "TLS alert 70 (protocol_version)",
        71 => "TLS alert 71 (insufficient_security)",
        80 => "TLS alert 80 (internal_error)",
        86 => "TLS alert 86 (inappropriate_fallback)",
        90 => "TLS alert 90 (user_canceled)",
        109 => "TLS alert 109 (missing_extension)",
        110 => "TLS alert 110 (unsupported_extension)",
        112 => "TLS alert 112 (unrecognized_name)",
        116 => "TLS alert 116 (certificate_required)",
        120 => "TLS alert 120 (no_application_protocol)",
        _ => $"TLS alert {code}",
    };
}
