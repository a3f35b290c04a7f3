using System.CommandLine;
using System.CommandLine.Parsing;
using Dht.Cli.Arguments;
using Dht.Cli.Joining;
using Dht.Engine.Identity;

namespace Dht.Cli.Lookups;

/// <summary>The argument and the options that all lookups have.</summary>
internal sealed class LookupOptions
{
    private static readonly TimeSpan TimeoutUsual = TimeSpan.FromSeconds(60);

    private readonly Argument<NodeId?> _target;
    private readonly MembershipOptions _membership;
    private readonly Option<double?> _timeout = CommonOptions.Timeout();
    private readonly OutputOptions _output;

    private LookupOptions(
        Command command, string targetName, string targetDescription, Func<ArgumentResult, string, NodeId?> parse)
    {
        _target = new Argument<NodeId?>(targetName)
        {
            Description = targetDescription,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => parse(result, targetName),
        };
        command.Arguments.Add(_target);
        command.Options.Add(_timeout);
        _membership = new MembershipOptions(
            command, "Local socket (default: any port, the families of the nodes named).", 0, isBrief: true);
        _output = new OutputOptions(command, logs: true);
    }

    /// <summary>Gives a command an id to look for, and the options.</summary>
    public static LookupOptions ForId(Command command) =>
        new(command, "ID", "The id, 40 hexadecimal digits.", ParseId);

    /// <summary>Gives a command a torrent to look for, and the options.</summary>
    public static LookupOptions ForTorrent(Command command) =>
        new(command, "INFOHASH", $"The torrent: {InfoHashText.Shape}.", ParseInfoHash);

    public NodeId ReadTarget(ParseResult parsed) => parsed.GetRequiredValue(_target)!.Value;

    public LookupSettings Read(ParseResult parsed)
    {
        MembershipSettings membership = _membership.Read(parsed);
        bool isAlone = membership is { StatePath: null, Network.Bootstrap.Count: 0 };
        if (isAlone && membership.Network.Bind is { } bind && SocketChoice.IsLocal(bind))
        {
            throw new UsageException(
                "from a loopback address no public router can be reached; name nodes with --bootstrap");
        }

        return new LookupSettings
        {
            Membership = membership,
            Output = _output.Read(parsed),
            Timeout = CommonOptions.ToSpan(parsed.GetValue(_timeout)) ?? TimeoutUsual,
        };
    }

    private static NodeId? ParseId(ArgumentResult result, string name)
    {
        string text = result.Tokens[0].Value;
        if (NodeId.TryParse(text, out NodeId target))
        {
            return target;
        }

        result.AddError($"{name} takes {2 * NodeId.Size} hexadecimal digits, not '{text}'");
        return null;
    }

    private static NodeId? ParseInfoHash(ArgumentResult result, string name)
    {
        if (InfoHashText.TryParse(result.Tokens[0].Value, name, out InfoHash infoHash, out string? fault))
        {
            return infoHash.AsNodeId;
        }

        result.AddError(fault);
        return null;
    }
}
