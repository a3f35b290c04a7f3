using System.CommandLine;
using System.CommandLine.Parsing;
using static Dht.Tools.Arguments.OptionFactory;

namespace Dht.Engine.Fuzz;

/// <summary>The command line: <c>TARGET</c> and the options of <see cref="FuzzOptions"/>, or <c>--list</c>.</summary>
internal sealed class FuzzArguments
{
    private const string Description = """
        Feeds the engine with hostile inputs, in one process, and learns from the code that they reach what to try next.

        The exit code is 0, 1 when an input broke something, 2 for wrong arguments.
        """;

    private readonly IReadOnlyList<IFuzzTarget> _targets;
    private readonly Argument<IFuzzTarget?> _target;
    private readonly Option<bool> _list = Flag("--list", "Name the targets, one a line.");
    private readonly Option<int> _seconds = Number("--seconds", "N", "End after N seconds.", 0, int.MaxValue, 60);
    private readonly Option<long?> _inputs = Number(
        "--inputs", "N", "End after N inputs; then the same seed and corpus give the same run.", 0L, long.MaxValue);
    private readonly Option<ulong?> _seed = Number(
        "--seed", "S", "The number that all inputs follow from (another each time).", 0UL, ulong.MaxValue);
    private readonly Option<string?> _corpus = Path(
        "--corpus", "DIR", "The folder of the corpus, instead of the committed one.");
    private readonly Option<bool> _save = Flag("--save", "Add what is new to the corpus.");
    private readonly Option<bool> _report = Flag("--report", "List at the end the methods that were never entered.");
    private readonly Option<bool> _blind = Flag(
        "--blind", "Change the seeds without looking at what that reaches, over the plain engine.");
    private readonly Option<bool> _minimise = Flag(
        "--minimise", "Keep few and short inputs that reach the same, and delete the others.");
    private readonly Option<string?> _replay = Path(
        "--replay", "FILE", "Feed one input to the plain engine.", WhyNotReplayed);

    /// <summary>A command line.</summary>
    /// <param name="targets">What can be fed; planted ones are not named in the help.</param>
    public FuzzArguments(IReadOnlyList<IFuzzTarget> targets)
    {
        _targets = targets;
        _target = new Argument<IFuzzTarget?>("TARGET")
        {
            Description = $"What to feed: {Names}.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = ParseTarget,
        };
        Root = new RootCommand(Description);
        Root.Arguments.Add(_target);
        foreach (Option option in (ReadOnlySpan<Option>)[_list, _seconds, _inputs, _seed, _corpus, _save, _report,
            _blind, _minimise, _replay])
        {
            Root.Options.Add(option);
        }

        Root.Validators.Add(Validate);
    }

    /// <summary>The command that parses; its action is the caller's to set.</summary>
    public RootCommand Root { get; }

    private string Names =>
        string.Join(", ", _targets.Where(static target => !target.IsPlanted).Select(static target => target.Name));

    /// <summary>What was asked for; null when it was the list of targets.</summary>
    /// <param name="parsed">Without errors.</param>
    public FuzzOptions? Read(ParseResult parsed) => parsed.GetValue(_target) is not { } target ? null : new FuzzOptions
    {
        Target = target,
        Seconds = parsed.GetValue(_seconds),
        Inputs = parsed.GetValue(_inputs),
        Seed = parsed.GetValue(_seed) ?? (ulong)DateTime.UtcNow.Ticks,
        CorpusPath = parsed.GetValue(_corpus),
        ReplayPath = parsed.GetValue(_replay),
        IsSaving = parsed.GetValue(_save),
        IsMinimising = parsed.GetValue(_minimise),
        IsReporting = parsed.GetValue(_report),
        IsBlind = parsed.GetValue(_blind),
    };

    private IFuzzTarget? ParseTarget(ArgumentResult result)
    {
        string name = result.Tokens[0].Value;
        IFuzzTarget? target = _targets.FirstOrDefault(target => target.Name == name);
        if (target is null)
        {
            result.AddError(name.StartsWith('-')
                ? $"unknown option '{name}'"
                : $"unknown target '{name}'; the targets are {Names}");
        }

        return target;
    }

    private void Validate(CommandResult result)
    {
        bool hasTarget = result.GetResult(_target) is { Tokens.Count: > 0 };
        if (Given(_list))
        {
            Refuse(hasTarget || Root.Options.Any(option => option != _list && Given(option)), "--list stands alone");
            return;
        }

        Refuse(!hasTarget, $"a target is missing; the targets are {Names}");
        Refuse(Given(_seconds) && Given(_inputs), "--seconds and --inputs cannot be given together");
        Refuse(Given(_minimise) && Given(_replay), "--minimise and --replay cannot be given together");
        Refuse(
            Given(_blind) && (Given(_minimise) || Given(_save) || Given(_report)),
            "--blind sees no coverage, so there is nothing to minimise, save or report");

        if (result.GetResult(_corpus) is { Tokens.Count: > 0 } corpus && !Given(_save))
        {
            string path = corpus.Tokens[0].Value;
            Refuse(!Directory.Exists(path), $"--corpus: there is no folder '{path}'; --save creates it");
        }

        bool Given(Option option) => result.GetResult(option) is { Implicit: false };

        void Refuse(bool isWrong, string message)
        {
            if (isWrong)
            {
                result.AddError(message);
            }
        }
    }

    private static string? WhyNotReplayed(string path) =>
        !File.Exists(path) ? "there is no such file"
        : GuardedInput.Load(path).Length > GuardedInput.LengthMax
            ? $"it is longer than an input may be, {GuardedInput.LengthMax} bytes"
        : null;
}
