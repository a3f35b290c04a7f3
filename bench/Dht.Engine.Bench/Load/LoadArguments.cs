using System.CommandLine;
using System.CommandLine.Parsing;
using Dht.Engine.Addressing;
using Dht.Engine.Bench.Load.Sections;
using Dht.Engine.Bench.Load.Servers;
using static Dht.Tools.Arguments.OptionFactory;

namespace Dht.Engine.Bench.Load;

/// <summary>The options of <see cref="LoadOptions"/>.</summary>
internal sealed class LoadArguments
{
    private const string IPv6 = "ipv6";

    private readonly Option<int> _rounds = Number("--rounds", "N", "How often each server is measured.", 1, 99, 3);
    private readonly Option<double> _seconds = Number(
        "--seconds", "S", "How long one measurement takes, in seconds.", 0.1, 600, 3);
    private readonly Option<string[]> _sections = Names(
        "--sections", "What to measure: answers, cpu, latency, allocation (default answers,cpu,latency).",
        LoadSection.All.Select(static s => s.Name));

    private readonly Option<bool> _allocation = Flag("--allocation", "The same as --sections allocation.");
    private readonly Option<string[]> _only = Names(
        "--only", $"These servers only: {string.Join(", ", ServerNames.All)} (spaces may be written as -).",
        ServerNames.All);

    private readonly Option<ExternalServer[]> _external = new("--external")
    {
        Description = "One more server: a foreign echo that listens at 127.0.0.1; may be repeated. In COMMAND, "
            + "which names one program, {port}, {reply} and {seconds} stand for its port, the bytes of a reply and "
            + "how long it has to live at least. It is ended before, if need be.",
        HelpName = "NAME=COMMAND",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseExternals,
    };

    private readonly Option<int?> _senders = Number(
        "--senders", "N", "Sockets of the load generator (default 4; 61 for allocation).", 1, 256);
    private readonly Option<int> _window = Number(
        "--window", "N", "Queries under way in the closed loop.", 1, 16_384, 256);
    private readonly Option<int> _rate = Number(
        "--rate", "N", "Packets per second of the section cpu.", 1, 1_000_000, 20_000);
    private readonly Option<long> _packets = Number(
        "--packets", "N", "Answers for each transport in the section allocation.", 1000, 1_000_000_000_000, 10_000_000);

    private readonly Option<int> _swarm = Number(
        "--swarm", "N", "Nodes of the swarm that fills the routing tables.", 1000, 1_000_000, 20_000);
    private readonly Option<string> _family = Choice("--family", "How the servers are asked.", "ipv4", IPv6);
    private readonly Option<string?> _json = Path(
        "--json", "FILE", "Also write every single measurement there.", WhyNotWritable);

    /// <param name="command">Gets the options.</param>
    public LoadArguments(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)
            [_rounds, _seconds, _sections, _allocation, _only, _external, _senders, _window, _rate, _packets, _swarm,
                _family, _json])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(_allocation) != null && result.GetResult(_sections) != null)
            {
                result.AddError("--allocation and --sections cannot be given together");
            }
        });
    }

    public LoadOptions Read(ParseResult parsed)
    {
        IReadOnlyList<string> sections = parsed.GetValue(_allocation)
            ? [AllocationSection.Name]
            : Names(parsed, _sections, [AnswersSection.Name, ProcessorSection.Name, LatencySection.Name]);
        return new LoadOptions
        {
            Rounds = parsed.GetValue(_rounds),
            Seconds = parsed.GetValue(_seconds),
            Sections = [.. sections.Select(static name => LoadSection.All.First(section => section.Name == name))],
            Servers = [.. ServerNames.All.Intersect(Names(parsed, _only, ServerNames.All))],
            Externals = parsed.GetValue(_external) ?? [],
            Senders = parsed.GetValue(_senders),
            Window = parsed.GetValue(_window),
            Rate = parsed.GetValue(_rate),
            Packets = parsed.GetValue(_packets),
            SwarmNodes = parsed.GetValue(_swarm),
            Family = parsed.GetValue(_family) == IPv6 ? IpFamily.IPv6 : IpFamily.IPv4,
            JsonPath = parsed.GetValue(_json),
        };
    }

    private static Option<string[]> Names(string option, string description, IEnumerable<string> known) => new(option)
    {
        Description = description,
        HelpName = "NAME,...",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string[] names =
                [.. result.Tokens[0].Value.Split(',').Select(static name => name.Trim().Replace('-', ' ')).Distinct()];
            if (names.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            {
                result.AddError($"{option} takes {string.Join(", ", known)}, not '{unknown}'");
            }

            return names;
        },
    };

    private static IReadOnlyList<string> Names(
        ParseResult parsed, Option<string[]> option, IReadOnlyList<string> otherwise) =>
        parsed.GetResult(option) == null ? otherwise : parsed.GetRequiredValue(option);

    private static ExternalServer[] ParseExternals(ArgumentResult result)
    {
        var servers = new List<ExternalServer>();
        foreach (string text in result.Tokens.Select(static token => token.Value))
        {
            int split = text.IndexOf('=', StringComparison.Ordinal);
            string name = split < 0 ? "" : text[..split].Trim();
            string command = split < 0 ? "" : text[(split + 1)..].Trim();
            if (name.Length == 0 || command.Length == 0 || !command.Contains("{port}", StringComparison.Ordinal))
            {
                result.AddError($"--external takes NAME=COMMAND with {{port}} in it, not '{text}'");
            }
            else if (ServerNames.All.Contains(name) || servers.Exists(other => other.Name == name))
            {
                result.AddError($"--external: the name '{name}' is taken");
            }

            servers.Add(new ExternalServer(name, command));
        }

        return [.. servers];
    }

    private static string? WhyNotWritable(string path)
    {
        // Better known now than after the measurements.
        string? folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path));
        return Directory.Exists(path) ? "it is a folder" : Directory.Exists(folder) ? null : "there is no such folder";
    }
}
