using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Admin.Commands;

/// <summary>What one connection to a runtime socket has been told to do. Owned by the connection's task.</summary>
internal sealed class CommandSession(RuntimeLevel level, TimeSpan idleTimeout)
{
    /// <summary>Lowered by `operator` and `user`, never raised.</summary>
    public RuntimeLevel Level { get; private set; } = level;

    /// <summary>`prompt`: stays open for further lines and shows "> ".</summary>
    public bool Interactive { get; set; }

    /// <summary>`quit`.</summary>
    public bool Ended { get; set; }

    /// <summary>`set timeout cli`.</summary>
    public TimeSpan IdleTimeout { get; set; } = idleTimeout;

    public void LowerTo(RuntimeLevel level) => Level = level < Level ? level : Level;
}
