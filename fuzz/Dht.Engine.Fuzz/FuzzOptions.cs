using System.Globalization;

namespace Dht.Engine.Fuzz;

/// <summary>What the command line asks for.</summary>
internal sealed record FuzzOptions
{
    /// <summary>The form of the command line.</summary>
    public const string Usage = """
        --list | TARGET [--seconds N | --inputs N] [--seed S] [--corpus DIR] [--save] [--report] [--blind]
               | TARGET --minimise [--corpus DIR]
               | TARGET --replay FILE
        """;

    /// <summary>What to feed.</summary>
    public required IFuzzTarget Target { get; init; }

    /// <summary>For how long, unless <see cref="Inputs"/> says when to end.</summary>
    public int Seconds { get; init; } = 60;

    /// <summary>How many inputs to feed, or null.</summary>
    public long? Inputs { get; init; }

    /// <summary>The number that all inputs follow from.</summary>
    public ulong Seed { get; init; } = (ulong)DateTime.UtcNow.Ticks;

    /// <summary>The folder of the corpus, or null for the committed one.</summary>
    public string? CorpusPath { get; init; }

    /// <summary>A file that holds the one input to feed, or null.</summary>
    public string? ReplayPath { get; init; }

    /// <summary>Whether new inputs are added to the corpus folder.</summary>
    public bool IsSaving { get; init; }

    /// <summary>Whether to make the corpus folder small instead of running.</summary>
    public bool IsMinimising { get; init; }

    /// <summary>Whether to tell at the end what was not reached.</summary>
    public bool IsReporting { get; init; }

    /// <summary>Whether to change the seeds without looking what that reaches.</summary>
    public bool IsBlind { get; init; }

    /// <summary>Whether instrumented code is needed.</summary>
    public bool IsGuided => ReplayPath is null && !IsBlind;

    /// <summary>When the run ends, in words.</summary>
    public string Extent => Inputs is { } inputs
        ? string.Create(CultureInfo.InvariantCulture, $"{inputs:N0} inputs")
        : string.Create(CultureInfo.InvariantCulture, $"{Seconds} s");

    /// <summary>Reads the command line, or says in one line what is wrong with it.</summary>
    public static bool TryParse(string[] arguments, IReadOnlyList<IFuzzTarget> targets, out FuzzOptions? options, out string message)
    {
        options = null;
        string names = string.Join(", ", targets.Select(static target => target.Name));
        if (arguments.Length == 0)
        {
            message = $"usage: {Usage}\ntargets: {names}";
            return false;
        }

        IFuzzTarget? target = targets.FirstOrDefault(target => target.Name == arguments[0]);
        if (target is null)
        {
            message = $"unknown target '{arguments[0]}'; targets: {names}";
            return false;
        }

        FuzzOptions parsed = new() { Target = target };
        for (int i = 1; i < arguments.Length; i++)
        {
            FuzzOptions? next = parsed.WithFlag(arguments[i]);
            if (next is null)
            {
                string value = i + 1 < arguments.Length ? arguments[i + 1] : "";
                next = parsed.With(arguments[i], value);
                if (next is null)
                {
                    message = $"cannot use '{arguments[i]} {value}'; usage: {Usage}";
                    return false;
                }

                i++;
            }

            parsed = next;
        }

        if (parsed.IsBlind && (parsed.IsMinimising || parsed.IsSaving || parsed.IsReporting))
        {
            message = "--blind sees no coverage, so there is nothing to minimise, save or report";
            return false;
        }

        options = parsed;
        message = "";
        return true;
    }

    private FuzzOptions? WithFlag(string name) => name switch
    {
        "--save" => this with { IsSaving = true },
        "--minimise" => this with { IsMinimising = true },
        "--report" => this with { IsReporting = true },
        "--blind" => this with { IsBlind = true },
        _ => null,
    };

    private FuzzOptions? With(string name, string value) => name switch
    {
        "--seconds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) =>
            this with { Seconds = seconds },
        "--inputs" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long inputs) =>
            this with { Inputs = inputs },
        "--seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) =>
            this with { Seed = seed },
        "--corpus" when value.Length > 0 => this with { CorpusPath = value },
        "--replay" when value.Length > 0 => this with { ReplayPath = value },
        _ => null,
    };
}
