using Dht.Engine.Fuzz.Corpus;
using Dht.Engine.Fuzz.Coverage;

namespace Dht.Engine.Fuzz.Running;

/// <summary>Makes a corpus small: shortens each input, then chooses few of them.</summary>
internal sealed class CorpusReducer(InputFeeder feeder, CoverageMap coverage, InputShape shape)
{
    private readonly Trimmer _trimmer = new(feeder, coverage, shape);
    private readonly List<int> _features = [];
    private readonly List<int> _fresh = [];

    /// <summary>Does it.</summary>
    /// <returns>False when an input breaks something, which is reported.</returns>
    public bool TryReduce(IEnumerable<byte[]> inputs, out IReadOnlyList<byte[]> kept)
    {
        kept = [];
        List<CorpusEntry> entries = [];
        foreach (byte[] input in inputs)
        {
            if (!TryMeasure(input, entries))
            {
                return false;
            }
        }

        IReadOnlyList<CorpusEntry> chosen = CorpusMinimiser.Choose(entries);
        List<CorpusEntry> shortened = [];
        foreach (CorpusEntry entry in chosen)
        {
            byte[] bytes = entry.Bytes;
            if (!_trimmer.TryTrim(ref bytes, [.. entry.Features]) || !TryMeasure(bytes, shortened))
            {
                return false;
            }
        }

        kept = [.. CorpusMinimiser.Choose(shortened).Select(static entry => entry.Bytes)];
        return true;
    }

    private bool TryMeasure(byte[] input, List<CorpusEntry> entries)
    {
        if (!feeder.TryFeed(input))
        {
            return false;
        }

        coverage.Accept(_features, _fresh);
        entries.Add(new CorpusEntry(input, [.. _features]));
        return true;
    }
}
