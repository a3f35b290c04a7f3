using System.CommandLine;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;
using Dht.Tools.Arguments;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>
/// The server child: <c>serve NAME --bind ENDPOINT</c>, and one more option that depends on the server.
/// </summary>
internal static class ServeChild
{
    public const string Name = "serve";

    /// <summary>Where it listens.</summary>
    public const string BindOption = "--bind";

    /// <summary>A node's: a member of the swarm that it joins.</summary>
    public const string SwarmOption = "--swarm";

    /// <summary>A bare server's: the bytes of its replies.</summary>
    public const string ReplyOption = "--reply";

    /// <summary>The guard's: the foreign server, a line for the shell.</summary>
    public const string ProgramOption = "--program";

    private static readonly Argument<string> Server = new("NAME");
    private static readonly Option<Endpoint> Bind = EndpointOption(BindOption);
    private static readonly Option<Endpoint> Swarm = EndpointOption(SwarmOption);
    private static readonly Option<int> Reply = OptionFactory.Number(ReplyOption, "BYTES", "", 1, 65_507, 289);
    private static readonly Option<string> Program = new(ProgramOption);

    public static Command CreateCommand()
    {
        var command = new Command(Name) { Hidden = true };
        command.Arguments.Add(Server);
        command.Options.Add(Bind);
        command.Options.Add(Swarm);
        command.Options.Add(Reply);
        command.Options.Add(Program);
        command.SetAction((parsed, _) => LoadCommand.GuardAsync(isChild: true, _ => RunAsync(parsed)));
        return command;
    }

    private static Task RunAsync(ParseResult parsed)
    {
        Endpoint local = parsed.GetValue(Bind);
        string server = parsed.GetRequiredValue(Server);
        switch (server)
        {
            case ServerNames.NodeBatch:
                return NodeServer.RunAsync(local, TransportKind.Batch, parsed.GetRequiredValue(Swarm));
            case ServerNames.NodeRing:
                return NodeServer.RunAsync(local, TransportKind.Ring, parsed.GetRequiredValue(Swarm));
            case ServerNames.BareBatch when OperatingSystem.IsLinux():
                BatchEcho.Run(local, parsed.GetValue(Reply));
                break;
            case ServerNames.BareNap:
                TransportEcho.Run(local, TransportKind.Batch, parsed.GetValue(Reply));
                break;
            case ServerNames.BareRing:
                RingEcho.Run(local, parsed.GetValue(Reply));
                break;
            case ExternalGuard.Name:
                return ExternalGuard.RunAsync(local.Port, parsed.GetRequiredValue(Program));
            default:
                throw new LoadFailureException($"there is no server '{server}'");
        }

        return Task.CompletedTask;
    }

    private static Option<Endpoint> EndpointOption(string name) => new(name)
    {
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!Endpoint.TryParse(text, out Endpoint endpoint))
            {
                result.AddError($"{name} takes ADDRESS:PORT, not '{text}'");
            }

            return endpoint;
        },
    };
}
