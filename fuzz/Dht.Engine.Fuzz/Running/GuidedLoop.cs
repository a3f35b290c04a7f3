using System.Diagnostics;
using System.Globalization;
using Dht.Engine.Fuzz.Corpus;
using Dht.Engine.Fuzz.Coverage;
using Dht.Engine.Fuzz.Mutation;
using Dht.Engine.Randomness;

namespace Dht.Engine.Fuzz.Running;

/// <summary>
/// Changes inputs, feeds them, and keeps those that reach something new. The same options and the same corpus make
/// the same run when it ends by the number of inputs.
/// </summary>
internal sealed class GuidedLoop
{
    private const int InputsPerPick = 64;
    private const int InputsPerOther = 8;
    private const double LengthParts = 16;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMinutes(1);

    private readonly FuzzOptions _options;
    private readonly InputFeeder _feeder;
    private readonly CoverageMap? _coverage;
    private readonly CorpusFolder _folder;
    private readonly Trimmer? _trimmer;
    private readonly SeededRandomSource _random;
    private readonly Mutator _mutator;
    private readonly List<int> _features = [];
    private readonly List<int> _fresh = [];
    private readonly Stopwatch _clock = new();
    private TimeSpan _nextProgress = ProgressInterval;

    /// <summary>A run.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="feeder">Feeds.</param>
    /// <param name="coverage">Guides; null to go blind, from the seeds alone.</param>
    public GuidedLoop(FuzzOptions options, InputFeeder feeder, CoverageMap? coverage)
    {
        _options = options;
        _feeder = feeder;
        _coverage = coverage;
        _folder = options.CorpusPath is { } path ? new CorpusFolder(path) : CorpusFolder.Of(options.Target);
        _trimmer = coverage is null ? null : new Trimmer(feeder, coverage, options.Target.Shape);
        _random = new SeededRandomSource(options.Seed);
        IReadOnlyList<byte[]> literals = options.Target.Shape == InputShape.Commands
            ? []
            : coverage?.Names.Literals ?? [];
        _mutator = new Mutator(options.Target, [.. options.Target.Dictionary, .. literals], _random);
        Corpus = new LiveCorpus(coverage?.FeatureCount ?? 0, options.Target.LengthMax / LengthParts);
    }

    /// <summary>The inputs that are kept.</summary>
    public LiveCorpus Corpus { get; }

    private bool IsOver =>
        _options.Inputs is { } inputs ? _feeder.Count >= inputs : _clock.Elapsed.TotalSeconds >= _options.Seconds;

    /// <summary>Feeds what is known already: the corpus and the seeds of the target.</summary>
    /// <returns>False after a failure, which is reported.</returns>
    public bool TryLoad()
    {
        foreach (byte[] input in _coverage is null
            ? _options.Target.Seeds
            : [.. _folder.Load(), .. _options.Target.Seeds])
        {
            if (!_feeder.TryFeed(input))
            {
                return false;
            }

            if (_coverage is null || _coverage.HasNews() || Corpus.Count == 0)
            {
                _coverage?.Accept(_features, _fresh);
                Corpus.Add(new CorpusEntry(_feeder.Last.ToArray(), [.. _features]));
            }
        }

        return true;
    }

    /// <summary>Goes on until the run is over.</summary>
    /// <returns>False after a failure, which is reported.</returns>
    public bool TryRun()
    {
        _clock.Start();
        while (!IsOver)
        {
            CorpusEntry parent = Corpus.Pick(_random);
            CorpusEntry other = parent;
            for (int i = 0; i < InputsPerPick && (_options.Inputs is null || !IsOver); i++)
            {
                other = i % InputsPerOther == 0 ? Corpus.PickAny(_random) : other;
                parent.Fruitless++;
                if (!_feeder.TryFeed(_mutator.Mutate(parent.Bytes, other.Bytes)))
                {
                    return false;
                }

                if (_coverage is not null && _coverage.HasNews() && !TryKeep(parent))
                {
                    return false;
                }
            }

            TellProgress();
        }

        Console.WriteLine($"{Figures()}, no failure (seed {_options.Seed})");
        return true;
    }

    private bool TryKeep(CorpusEntry parent)
    {
        parent.Fruitless = 0;
        byte[] input = _feeder.Last.ToArray();
        _coverage!.Accept(_features, _fresh);
        if (!_trimmer!.TryTrim(ref input, _fresh) || !_feeder.TryFeed(input))
        {
            return false;
        }

        // The shortened input may reach less than the long one did, and has its own features.
        _coverage.Accept(_features, _fresh);
        Corpus.Add(new CorpusEntry(input, [.. _features]));
        if (_options.IsSaving)
        {
            _folder.Save(input);
        }

        return true;
    }

    private void TellProgress()
    {
        if (_clock.Elapsed >= _nextProgress)
        {
            _nextProgress += ProgressInterval;
            Console.WriteLine($"  {_clock.Elapsed:hh\\:mm\\:ss} {Figures()}");
        }
    }

    private string Figures()
    {
        double rate = _feeder.Count / _clock.Elapsed.TotalSeconds;
        string fed = string.Create(
            CultureInfo.InvariantCulture,
            $"{_options.Target.Name}: {_feeder.Count:N0} inputs, {rate:N0} inputs/s, corpus {Corpus.Count}");
        return _coverage is null ? fed : string.Create(
            CultureInfo.InvariantCulture,
            $"{fed}, edges {_coverage.EdgesSeen} of {_coverage.EdgeCount}, features {_coverage.FeaturesSeen}");
    }
}
