using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace Dht.Cli.Arguments;

/// <summary>Options whose complaints are one clear sentence each, and whose numbers are read the same under every culture.</summary>
internal static class OptionFactory
{
    public static Option<bool> Flag(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };

    public static Option<long?> Integer(string name, string unit, string description, long min, long max) => new(name)
    {
        Description = description,
        HelpName = unit,
        CustomParser = result => ParseInteger(result, name, min, max),
    };

    public static Option<double?> Number(string name, string unit, string description, double min, double max) => new(name)
    {
        Description = description,
        HelpName = unit,
        CustomParser = result => ParseNumber(result, name, min, max),
    };

    public static Option<TransportKind> Transport() => new("--transport")
    {
        Description = "How datagrams are carried: auto (the default), ring, or batch (64-bit Linux).",
        HelpName = "auto|ring|batch",
        CustomParser = ParseTransport,
    };

    public static Option<LogLevel> Log() => new("--log")
    {
        Description = "Log to standard error: trace, debug, info, warning, error, or none (the default).",
        HelpName = "LEVEL",
        CustomParser = ParseLog,
        DefaultValueFactory = static _ => LogLevel.None,
    };

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

    public static long? ParseInteger(ArgumentResult result, string name, long min, long max)
    {
        string text = result.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max)
        {
            return value;
        }

        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes a whole number from {min} to {max}, not '{text}'"));
        return null;
    }

    private static double? ParseNumber(ArgumentResult result, string name, double min, double max)
    {
        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, styles, CultureInfo.InvariantCulture, out double value) && value >= min && value <= max)
        {
            return value;
        }

        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes a number from {min} to {max}, not '{text}'"));
        return null;
    }

    private static TransportKind ParseTransport(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        switch (text)
        {
            case "auto":
                return TransportKind.Auto;
            case "ring":
                return TransportKind.Ring;
            case "batch":
                return TransportKind.Batch;
            default:
                result.AddError($"--transport takes auto, ring or batch, not '{text}'");
                return TransportKind.Auto;
        }
    }

    private static LogLevel ParseLog(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        switch (text)
        {
            case "trace":
                return LogLevel.Trace;
            case "debug":
                return LogLevel.Debug;
            case "info":
                return LogLevel.Information;
            case "warning":
                return LogLevel.Warning;
            case "error":
                return LogLevel.Error;
            case "none":
                return LogLevel.None;
            default:
                result.AddError($"--log takes trace, debug, info, warning, error or none, not '{text}'");
                return LogLevel.None;
        }
    }

    private static Endpoint? ParseBind(ArgumentResult result, ushort defaultPort)
    {
        string text = result.Tokens[0].Value;
        string port = defaultPort.ToString(CultureInfo.InvariantCulture);
        if (Endpoint.TryParse(text, out Endpoint bind)
            || Endpoint.TryParse($"{text}:{port}", out bind)
            || Endpoint.TryParse($"[{text}]:{port}", out bind))
        {
            return bind;
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
