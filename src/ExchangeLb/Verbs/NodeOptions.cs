using System.CommandLine;
using System.IO;
using ExchangeLb.CommandLine;

namespace ExchangeLb.Verbs;

/// <summary>Which node on this host is meant: `--state` as it was started, or its socket.</summary>
internal sealed class NodeOptions
{
    private const string SocketName = "control.sock";

    private readonly Option<string> _state = new("--state")
    {
        Description = "the state folder of the node, as it was started",
        HelpName = "directory",
        DefaultValueFactory = _ => StartOptions.DefaultStateDirectory,
    };

    private readonly Option<string?> _socket = new("--socket") { Description = "its control socket; a stats socket does as well", HelpName = "path" };

    public void AddTo(Command verb)
    {
        verb.Add(_state);
        verb.Add(_socket);
    }

    public ControlSocket Socket(ParseResult line) =>
        new(line.GetValue(_socket) is { Length: > 0 } path ? path : Path.Combine(line.GetRequiredValue(_state), SocketName));
}
