using System.Linq;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>How much a state should worry whoever looks. Each has a colour, and a mark that tells it without colour.</summary>
internal enum Tone
{
    Good,
    Doubtful,
    Bad,

    /// <summary>Somebody wanted it so.</summary>
    Intended,
    Neutral,
}

/// <summary>A state in words for people; <see cref="Stats.HaproxyWords"/> has the words for programs.</summary>
internal readonly record struct Condition(string Word, Tone Tone)
{
    public static Condition Of(ServerSnapshot server)
    {
        CheckSnapshot? check = server.Check;
        if (server.Admin == ServerAdminState.Maintenance)
        {
            return new("Maintenance", Tone.Intended);
        }
        if (server.Health == ServerHealth.Down)
        {
            return check is { Health: > 0 } ? new("Coming up", Tone.Bad) : new("Down", Tone.Bad);
        }
        if (check is not null && server.Health == ServerHealth.Up && check.Health < check.Rise + check.Fall - 1)
        {
            return check.Result == CheckResult.Initial ? new("Up, first check", Tone.Good) : new("Going down", Tone.Doubtful);
        }
        if (server.Admin == ServerAdminState.Drain)
        {
            return new("Draining", Tone.Intended);
        }
        if (server.Model.MaxConn > 0 && server.Traffic.CurrentSessions >= server.Model.MaxConn)
        {
            return new("Full", Tone.Doubtful);
        }
        return server.Health == ServerHealth.NotChecked ? new("Up, unchecked", Tone.Neutral) : new("Up", Tone.Good);
    }

    /// <summary>Since when: the time is that of the last change between up and down, which a server in doubt has not made.</summary>
    public static string Since(ServerSnapshot server) =>
        (Of(server).Tone == Tone.Doubtful ? "up for " : "for ") + Words.Duration(server.SinceChange);

    public static Condition Of(FrontendSnapshot frontend) => frontend.Status switch
    {
        FrontendStatus.Open => new("Open", Tone.Good),
        FrontendStatus.Full => new("Full", Tone.Doubtful),
        _ => new("Stopped", Tone.Bad),
    };

    /// <summary>The proxy as a whole: its worst part.</summary>
    public static Condition Of(ProxySnapshot proxy)
    {
        if (proxy is { Backend.Up: false, Servers.Length: > 0 })
        {
            return new("No usable server", Tone.Bad);
        }
        if (proxy.Frontend is { Status: not FrontendStatus.Open } frontend)
        {
            return Of(frontend);
        }
        int down = proxy.Servers.Count(server => Of(server).Tone == Tone.Bad);
        if (down > 0)
        {
            return new($"{down} of {Words.Count(proxy.Servers.Length, "server")} down", Tone.Bad);
        }
        return proxy.Servers.IsEmpty ? new("Open", Tone.Good)
            : proxy.Servers.Any(server => Of(server).Tone == Tone.Doubtful) ? new("In doubt", Tone.Doubtful)
            : proxy.Servers.Any(server => Of(server).Tone == Tone.Intended) ? new("In service", Tone.Good)
            : new("All serving", Tone.Good);
    }
}
