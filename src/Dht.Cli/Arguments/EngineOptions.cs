using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace Dht.Cli.Arguments;

/// <summary>Options whose values are the engine's own.</summary>
internal static class EngineOptions
{
    public static Option<TransportKind> Transport() => OptionFactory.Choice(
        "--transport",
        "How datagrams are carried; batch needs 64-bit Linux.",
        TransportKind.Auto,
        ("auto", TransportKind.Auto),
        ("ring", TransportKind.Ring),
        ("batch", TransportKind.Batch));

    public static Option<LogLevel> Log() => OptionFactory.Choice(
        "--log",
        "What to log to standard error.",
        LogLevel.None,
        ("trace", LogLevel.Trace),
        ("debug", LogLevel.Debug),
        ("info", LogLevel.Information),
        ("warning", LogLevel.Warning),
        ("error", LogLevel.Error),
        ("none", LogLevel.None));

    public static Option<Endpoint?> Bind(string description, ushort defaultPort) => new("--bind")
    {
        Description = description,
        HelpName = "ADDR[:PORT]",
        CustomParser = result => ParseBind(result, defaultPort),
    };

    public static Option<HostPort[]> Bootstrap() => new("--bootstrap")
    {
        Description = "A node to begin at; repeatable; replaces the public routers.",
        HelpName = "HOST:PORT",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParsePlaces,
    };

    private static Endpoint? ParseBind(ArgumentResult result, ushort defaultPort)
    {
        string text = result.Tokens[0].Value;
        string port = defaultPort.ToString(CultureInfo.InvariantCulture);
        if (Endpoint.TryParse(text, out Endpoint bind)
            || Endpoint.TryParse($"{text}:{port}", out bind)
            || Endpoint.TryParse($"[{text}]:{port}", out bind))
        {
            return bind.Unmap();
        }

        result.AddError($"--bind takes ADDR or ADDR:PORT, such as 0.0.0.0:6881 or [::]:6881, not '{text}'");
        return null;
    }

    private static HostPort[] ParsePlaces(ArgumentResult result)
    {
        var places = new List<HostPort>(result.Tokens.Count);
        foreach (Token token in result.Tokens)
        {
            if (HostPort.TryParse(token.Value, out HostPort place))
            {
                places.Add(place);
            }
            else
            {
                result.AddError($"--bootstrap takes {HostPort.Shape}, not '{token.Value}'");
            }
        }

        return [.. places];
    }
}
