using System.CommandLine;
using Dht.Engine.Testing;

namespace Dht.Cli.Arguments;

/// <summary>What a loopback swarm is made of, besides its size.</summary>
internal sealed class SwarmOptions
{
    private readonly Option<double?> _dead = OptionFactory.Number<double>(
        "--dead", "PERCENT", "Swarm nodes that never answer.", 0, 100);
    private readonly Option<double?> _hostile = OptionFactory.Number<double>(
        "--hostile", "PERCENT", "Swarm nodes that play tricks.", 0, 100);
    private readonly Option<double?> _loss = OptionFactory.Number<double>(
        "--loss", "PERCENT", "Exchanges lost on the way in the swarm.", 0, 100);
    private readonly Option<long?> _seed = OptionFactory.Number<long>(
        "--seed", "S", "Ids, kinds and losses follow from it (default 1).", 0, long.MaxValue);
    private readonly Option<long?>? _port;

    public SwarmOptions(Command command, bool withPort)
    {
        command.Options.Add(_dead);
        command.Options.Add(_hostile);
        command.Options.Add(_loss);
        command.Options.Add(_seed);
        if (withPort)
        {
            _port = OptionFactory.Number<long>(
                "--port", "P", "The UDP port of all nodes (default: a free one).", 0, ushort.MaxValue);
            command.Options.Add(_port);
        }
    }

    /// <summary>The first of these options that was given; null when none was.</summary>
    public string? FirstGiven(ParseResult parsed)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_dead, _hostile, _loss, _seed])
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                return option.Name;
            }
        }

        return null;
    }

    public LoopbackSwarmOptions Read(ParseResult parsed, int nodes)
    {
        double dead = parsed.GetValue(_dead) ?? 0;
        double hostile = parsed.GetValue(_hostile) ?? 0;
        if (dead + hostile > 100)
        {
            throw new UsageException("--dead and --hostile together cannot exceed 100 percent");
        }

        return new LoopbackSwarmOptions
        {
            Nodes = nodes,
            DeadPercent = dead,
            HostilePercent = hostile,
            LossPercent = parsed.GetValue(_loss) ?? 0,
            Seed = (ulong)(parsed.GetValue(_seed) ?? 1),
            Port = (ushort)(_port == null ? 0 : parsed.GetValue(_port) ?? 0),
        };
    }
}
