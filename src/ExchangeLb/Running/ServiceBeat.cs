using System;

namespace ExchangeLb.Running;

/// <summary>What a service manager hears of a balancer that runs (sd_notify(3)): what it does, where that has changed, and that it lives.</summary>
/// <param name="turns">Every loop has turned since the last call; it decides alone whether the watchdog is fed. Null: there is no watchdog.</param>
/// <param name="status">One line for people.</param>
internal sealed class ServiceBeat(Func<bool>? turns, Func<string> status, Action<string> tell)
{
    private string _told = "";

    public void Tick()
    {
        string now = status();
        if (now != _told)
        {
            _told = now;
            tell($"STATUS={now}");
        }
        if (turns?.Invoke() == true)
        {
            tell("WATCHDOG=1");
        }
    }
}
