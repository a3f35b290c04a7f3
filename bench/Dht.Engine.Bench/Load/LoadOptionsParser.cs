using System.Globalization;
using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Bench.Load.Sections;
using Dht.Engine.Bench.Load.Servers;

namespace Dht.Engine.Bench.Load;

/// <summary>Turns arguments into <see cref="LoadOptions"/>.</summary>
internal static class LoadOptionsParser
{
    private static readonly string[] SectionNames =
        [AnswersSection.Name, ProcessorSection.Name, LatencySection.Name, AllocationSection.Name];

    /// <exception cref="LoadUsageException">An argument is wrong.</exception>
    public static LoadOptions Parse(string[] args)
    {
        var options = new LoadOptions();
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            options = name switch
            {
                "--help" or "-h" or "-?" => options with { Help = true },
                "--allocation" => options with { Sections = [AllocationSection.Name] },
                "--rounds" => options with { Rounds = Number(name, Next(), 1, 99) },
                "--seconds" => options with { Seconds = Number(name, Next(), 0.1, 600) },
                "--sections" => options with { Sections = Names(name, Next(), SectionNames) },
                "--only" => options with { Servers = [.. ServerNames.All.Intersect(Names(name, Next(), ServerNames.All))] },
                "--external" => options with { Externals = [.. options.Externals, External(Next(), options.Externals)] },
                "--senders" => options with { Senders = Number(name, Next(), 1, 256) },
                "--window" => options with { Window = Number(name, Next(), 1, 16384) },
                "--rate" => options with { Rate = Number(name, Next(), 1, 1_000_000) },
                "--packets" => options with { Packets = Number(name, Next(), 1000, 1_000_000_000_000L) },
                "--swarm" => options with { SwarmNodes = Number(name, Next(), 1000, 1_000_000) },
                "--family" => options with { Family = Family(Next()) },
                "--json" => options with { JsonPath = Writable(Next()) },
                _ => throw new LoadUsageException($"there is no option '{name}'"),
            };

            string Next() => ++i < args.Length ? args[i] : throw new LoadUsageException($"{name} needs a value");
        }

        return options;
    }

    private static T Number<T>(string name, string text, T min, T max)
        where T : INumber<T>
    {
        // Written so that no number at all (NaN) is refused too.
        return T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T? value) && value >= min && value <= max
            ? value
            : throw new LoadUsageException(string.Create(CultureInfo.InvariantCulture, $"{name} takes a number from {min} to {max}, not '{text}'"));
    }

    private static string[] Names(string option, string text, IReadOnlyList<string> known)
    {
        string[] names = [.. text.Split(',').Select(static name => name.Trim().Replace('-', ' ')).Distinct()];
        return names.FirstOrDefault(name => !known.Contains(name)) is { } unknown
            ? throw new LoadUsageException($"{option} takes {string.Join(", ", known)}, not '{unknown}'")
            : names;
    }

    private static ExternalServer External(string text, IReadOnlyList<ExternalServer> before)
    {
        int split = text.IndexOf('=', StringComparison.Ordinal);
        string name = split < 0 ? "" : text[..split].Trim();
        string command = split < 0 ? "" : text[(split + 1)..].Trim();
        if (name.Length == 0 || command.Length == 0 || !command.Contains("{port}", StringComparison.Ordinal))
        {
            throw new LoadUsageException($"--external takes NAME=COMMAND with {{port}} in it, not '{text}'");
        }

        return ServerNames.All.Contains(name) || before.Any(other => other.Name == name)
            ? throw new LoadUsageException($"--external: the name '{name}' is taken")
            : new ExternalServer(name, command);
    }

    private static AddressKind Family(string text) => text.ToUpperInvariant() switch
    {
        "IPV4" => AddressKind.IPv4,
        "IPV6" => AddressKind.IPv6,
        _ => throw new LoadUsageException($"--family takes ipv4 or ipv6, not '{text}'"),
    };

    private static string Writable(string path)
    {
        // Better known now than after the measurements.
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path.Length == 0 ? "." : path));
        return Directory.Exists(folder) && !Directory.Exists(path)
            ? path
            : throw new LoadUsageException($"--json: cannot write '{path}'");
    }
}
