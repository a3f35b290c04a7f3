using System.CommandLine;
using System.CommandLine.Parsing;
using Dht.Cli.Arguments;
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

    /// <param name="command">Gets the argument and the options.</param>
    /// <param name="targetName">What the target is called.</param>
    /// <param name="targetDescription">What it is.</param>
    public LookupOptions(Command command, string targetName, string targetDescription)
    {
        _target = new Argument<NodeId?>(targetName)
        {
            Description = targetDescription,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => ParseTarget(result, targetName),
        };
        command.Arguments.Add(_target);
        command.Options.Add(_timeout);
        _membership = new MembershipOptions(command, "Local socket (default: any port).", 0);
        _output = new OutputOptions(command, logs: true);
    }

    public NodeId ReadTarget(ParseResult parsed) => parsed.GetRequiredValue(_target)!.Value;

    public LookupSettings Read(ParseResult parsed)
    {
        MembershipSettings membership = _membership.Read(parsed);
        bool isAlone = membership is { StatePath: null, Network.Bootstrap.Count: 0 };
        if (isAlone && membership.Network.Bind is { } bind && Bootstrap.IsLocal(bind))
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

    private static NodeId? ParseTarget(ArgumentResult result, string name)
    {
        string text = result.Tokens[0].Value;
        if (NodeId.TryParse(text, out NodeId target))
        {
            return target;
        }

        result.AddError($"{name} takes {2 * NodeId.Size} hexadecimal digits, not '{text}'");
        return null;
    }
}
