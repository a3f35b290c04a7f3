using Dht.Engine.Randomness;

namespace Dht.Engine.Fuzz.Corpus;

/// <summary>
/// The inputs of a run. Each feature belongs to the shortest input that reaches it; an input is chosen the more often
/// the more and the rarer features belong to it, and the less often the longer it has led to nothing.
/// </summary>
/// <param name="featureCount">Features that there can be.</param>
/// <param name="lengthHalf">
/// An input of so many bytes is chosen half as often as one of none: the short are quick.
/// </param>
internal sealed class LiveCorpus(int featureCount, double lengthHalf)
{
    // An input to which nothing belongs is still a parent now and then.
    private const double WorthLeast = 0.05;
    private const int FruitlessHalf = 4_096;
    private const int PicksPerWeighing = 64;

    private readonly List<CorpusEntry> _entries = [];
    private readonly int[] _owners = new int[featureCount];
    private readonly int[] _reachedBy = new int[featureCount];
    private double[] _sums = [];
    private int _picksLeft;
    private bool _isStale;

    /// <summary>How many there are.</summary>
    public int Count => _entries.Count;

    /// <summary>All of them, in the order of their finding.</summary>
    public IReadOnlyList<CorpusEntry> Entries => _entries;

    /// <summary>Takes an input up.</summary>
    public void Add(CorpusEntry entry)
    {
        _entries.Add(entry);
        foreach (int feature in entry.Features)
        {
            _reachedBy[feature]++;
            ref int owner = ref _owners[feature];
            owner = owner == 0 || _entries[owner - 1].Bytes.Length > entry.Bytes.Length ? _entries.Count : owner;
        }

        _isStale = true;
        _picksLeft = 0;
    }

    /// <summary>One that is worth to be changed.</summary>
    public CorpusEntry Pick(SeededRandomSource random)
    {
        if (--_picksLeft < 0)
        {
            Weigh();
        }

        double at = random.NextUInt32() / 4294967296.0 * _sums[_entries.Count - 1];
        int index = Array.BinarySearch(_sums, 0, _entries.Count, at);
        return _entries[Math.Min(index < 0 ? ~index : index + 1, _entries.Count - 1)];
    }

    /// <summary>Any of them.</summary>
    public CorpusEntry PickAny(SeededRandomSource random) => _entries[random.Next(_entries.Count)];

    private void Weigh()
    {
        _picksLeft = PicksPerWeighing;
        if (_isStale)
        {
            _isStale = false;
            Value();
        }

        if (_sums.Length < _entries.Count)
        {
            _sums = new double[2 * _entries.Count];
        }

        double sum = 0;
        for (int i = 0; i < _entries.Count; i++)
        {
            CorpusEntry entry = _entries[i];
            double patience = 1.0 + (entry.Fruitless / (double)FruitlessHalf);
            sum += entry.Worth / (patience * (1.0 + (entry.Bytes.Length / lengthHalf)));
            _sums[i] = sum;
        }
    }

    private void Value()
    {
        foreach (CorpusEntry entry in _entries)
        {
            entry.Worth = WorthLeast;
        }

        for (int feature = 0; feature < _owners.Length; feature++)
        {
            if (_owners[feature] > 0)
            {
                _entries[_owners[feature] - 1].Worth += 1.0 / _reachedBy[feature];
            }
        }
    }
}
