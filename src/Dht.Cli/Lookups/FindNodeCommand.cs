using System.CommandLine;

namespace Dht.Cli.Lookups;

/// <summary>The arguments of <c>dht find-node</c>.</summary>
internal static class FindNodeCommand
{
    public static Command Create()
    {
        var command = new Command("find-node", "Finds the nodes nearest to an id, one on a line: id and address.");
        LookupOptions options = LookupOptions.ForId(command);
        command.SetAction(
            (parsed, _) => new FindNodeSession(options.Read(parsed), options.ReadTarget(parsed)).RunAsync());
        return command;
    }
}
