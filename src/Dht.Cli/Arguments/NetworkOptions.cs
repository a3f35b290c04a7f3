using System.CommandLine;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Cli.Arguments;

/// <summary>The options of <see cref="NetworkSettings"/>, as far as a command has them.</summary>
internal sealed class NetworkOptions
{
    private readonly Option<Endpoint?> _bind;
    private readonly Option<HostPort[]>? _bootstrap;
    private readonly Option<bool> _allowLoopback = OptionFactory.Flag(
        "--allow-loopback", "Loopback and private addresses are not bogons.");
    private readonly Option<TransportKind> _transport = EngineOptions.Transport();
    private readonly Option<bool>? _noThrottle;
    private readonly Option<bool> _readOnly;
    private readonly Option<bool>? _noReadOnly;

    /// <param name="command">Gets the options.</param>
    /// <param name="bindDescription">What is bound when the option is not given.</param>
    /// <param name="defaultPort">The port when only an address is given.</param>
    /// <param name="joins">Whether the command joins the network, rather than asking one node.</param>
    /// <param name="isBrief">
    /// Whether it ends within seconds, so that it is read-only by default: nobody is to remember it.
    /// </param>
    public NetworkOptions(
        Command command, string bindDescription, ushort defaultPort, bool joins, bool isBrief = false)
    {
        string said = isBrief ? " (the default)" : string.Empty;
        _readOnly = OptionFactory.Flag("--read-only", $"BEP 43: queries say that we answer none{said}.");
        _bind = EngineOptions.Bind(bindDescription, defaultPort);
        command.Options.Add(_bind);
        if (joins)
        {
            _bootstrap = EngineOptions.Bootstrap();
            command.Options.Add(_bootstrap);
        }

        command.Options.Add(_allowLoopback);
        command.Options.Add(_transport);
        if (joins)
        {
            _noThrottle = OptionFactory.Flag("--no-throttle", "No limits per IP address, either way: for load tests.");
            command.Options.Add(_noThrottle);
        }

        command.Options.Add(_readOnly);
        if (isBrief)
        {
            _noReadOnly = OptionFactory.Flag("--no-read-only", "Queries do not say that we answer none.");
            command.Options.Add(_noReadOnly);
        }
    }

    public NetworkSettings Read(ParseResult parsed) => new()
    {
        Bind = parsed.GetValue(_bind),
        Bootstrap = _bootstrap == null ? [] : parsed.GetValue(_bootstrap) ?? [],
        AllowLoopback = parsed.GetValue(_allowLoopback),
        Transport = parsed.GetValue(_transport),
        NoThrottle = _noThrottle != null && parsed.GetValue(_noThrottle),
        ReadOnly = ReadReadOnly(parsed),
    };

    private bool ReadReadOnly(ParseResult parsed)
    {
        bool isWanted = parsed.GetValue(_readOnly);
        bool isUnwanted = _noReadOnly != null && parsed.GetValue(_noReadOnly);
        return isWanted && isUnwanted
            ? throw new UsageException("--read-only and --no-read-only exclude each other")
            : isWanted || (_noReadOnly != null && !isUnwanted);
    }
}
