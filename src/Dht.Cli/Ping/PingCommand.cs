using System.CommandLine;
using System.CommandLine.Parsing;
using Dht.Cli.Arguments;
using Dht.Engine;

namespace Dht.Cli.Ping;

/// <summary>The arguments of <c>dht ping</c>.</summary>
internal static class PingCommand
{
    public static Command Create()
    {
        var command = new Command("ping", "Asks one node for its id: round trip, id, client version.");
        var target = new Argument<HostPort>("HOST:PORT") { Description = "The node.", CustomParser = ParseTarget };
        command.Arguments.Add(target);
        var network = new NetworkOptions(
            command, "Local socket (default: any port, the families of the node).", 0, joins: false, isBrief: true);
        var output = new OutputOptions(command);
        command.SetAction((parsed, _) =>
            PingSession.RunAsync(parsed.GetRequiredValue(target), network.Read(parsed), output.Read(parsed)));
        return command;
    }

    private static HostPort ParseTarget(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!HostPort.TryParse(text, out HostPort place))
        {
            result.AddError($"a node is written as {HostPort.Shape}, not '{text}'");
        }

        return place;
    }
}
