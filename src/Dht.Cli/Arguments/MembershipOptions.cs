using System.CommandLine;
using System.CommandLine.Parsing;
using Dht.Engine;
using Dht.Engine.Routing;

namespace Dht.Cli.Arguments;

/// <summary>The options of <see cref="MembershipSettings"/>.</summary>
internal sealed class MembershipOptions
{
    private readonly NetworkOptions _network;
    private readonly Option<RoutingTableKind> _table = OptionFactory.Choice(
        "--table",
        "The routing table.",
        RoutingTableKind.Kademlia,
        ("Kademlia", RoutingTableKind.Kademlia),
        ("MainLine", RoutingTableKind.Mainline));

    private readonly Option<string?> _state = new("--state")
    {
        Description = "Keep the node's id and contacts in FILE, and begin with them the next time.",
        HelpName = "FILE",
        CustomParser = ParseState,
    };

    /// <param name="command">Gets the options.</param>
    /// <param name="bindDescription">What is bound when the option is not given.</param>
    /// <param name="defaultPort">The port when only an address is given.</param>
    /// <param name="isBrief">Whether the command ends within seconds.</param>
    public MembershipOptions(Command command, string bindDescription, ushort defaultPort, bool isBrief = false)
    {
        _network = new NetworkOptions(command, bindDescription, defaultPort, joins: true, isBrief);
        command.Options.Add(_table);
        command.Options.Add(_state);
    }

    public MembershipSettings Read(ParseResult parsed) => new()
    {
        Network = _network.Read(parsed),
        Table = parsed.GetValue(_table),
        StatePath = parsed.GetValue(_state),
    };

    private static string? ParseState(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        try
        {
            return new StateFile(text).FullPath;
        }
        catch (ArgumentException)
        {
            result.AddError($"--state takes a file on a disk, not '{text}'");
            return null;
        }
    }
}
