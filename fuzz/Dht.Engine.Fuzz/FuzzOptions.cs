using System.Globalization;

namespace Dht.Engine.Fuzz;

/// <summary>What the command line asks for; see <see cref="FuzzArguments"/>.</summary>
internal sealed record FuzzOptions
{
    /// <summary>What to feed.</summary>
    public required IFuzzTarget Target { get; init; }

    /// <summary>For how long, unless <see cref="Inputs"/> says when to end.</summary>
    public required int Seconds { get; init; }

    /// <summary>How many inputs to feed, or null.</summary>
    public long? Inputs { get; init; }

    /// <summary>The number that all inputs follow from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The folder of the corpus, or null for the committed one.</summary>
    public string? CorpusPath { get; init; }

    /// <summary>A file that holds the one input to feed, or null.</summary>
    public string? ReplayPath { get; init; }

    /// <summary>Whether new inputs are added to the corpus folder.</summary>
    public bool IsSaving { get; init; }

    /// <summary>Whether to make the corpus folder small instead of running.</summary>
    public bool IsMinimising { get; init; }

    /// <summary>Whether to list at the end what was not reached.</summary>
    public bool IsReporting { get; init; }

    /// <summary>Whether to change the seeds without looking what that reaches.</summary>
    public bool IsBlind { get; init; }

    /// <summary>Whether instrumented code is needed.</summary>
    public bool IsGuided => ReplayPath is null && !IsBlind;

    /// <summary>When the run ends, in words.</summary>
    public string Extent => Inputs is { } inputs
        ? string.Create(CultureInfo.InvariantCulture, $"{inputs:N0} inputs")
        : string.Create(CultureInfo.InvariantCulture, $"{Seconds} s");
}
