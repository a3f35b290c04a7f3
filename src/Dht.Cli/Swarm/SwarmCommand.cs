using System.CommandLine;
using Dht.Cli.Arguments;
using Dht.Engine.Testing;

namespace Dht.Cli.Swarm;

/// <summary>The arguments of <c>dht swarm</c>.</summary>
internal static class SwarmCommand
{
    public static Command Create()
    {
        var command = new Command("swarm", "Runs a loopback swarm by itself; the first node is at 127.1.0.0.");
        var nodes = new Argument<long?>("N")
        {
            Description = "How many nodes.",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = static result => OptionFactory.ParseNumber<long>(result, "N", 1, LoopbackSwarm.NodesMax),
        };
        command.Arguments.Add(nodes);
        var parts = new SwarmOptions(command, withPort: true);
        Option<double?> duration = CommonOptions.Duration();
        command.Options.Add(duration);
        var output = new OutputOptions(command);
        command.SetAction((parsed, _) => Task.FromResult(SwarmSession.Run(
            parts.Read(parsed, (int)parsed.GetRequiredValue(nodes)!.Value),
            CommonOptions.ToSpan(parsed.GetValue(duration)),
            output.Read(parsed))));
        return command;
    }
}
