using System.CommandLine;
using Dht.Cli.Arguments;

namespace Dht.Cli.Node;

/// <summary>The arguments of <c>dht node</c>.</summary>
internal static class NodeCommand
{
    public const ushort DefaultPort = 6881;

    public static Command Create()
    {
        var command = new Command("node", "Runs an ordinary node until Ctrl-C.");
        Option<double?> duration = CommonOptions.Duration();
        command.Options.Add(duration);
        var membership = new MembershipOptions(command, "Local socket (default 0.0.0.0:6881).", DefaultPort);
        var output = new OutputOptions(command, logs: true);
        command.SetAction((parsed, _) =>
            NodeSession.RunAsync(
                membership.Read(parsed), CommonOptions.ToSpan(parsed.GetValue(duration)), output.Read(parsed)));
        return command;
    }
}
