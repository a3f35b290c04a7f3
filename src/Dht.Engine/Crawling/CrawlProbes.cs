using Dht.Engine.Randomness;

namespace Dht.Engine.Crawling;

/// <summary>
/// Whom to ask whether the line works: some of all nodes that have answered, each as likely as the others, and those
/// that the crawl began at.
/// </summary>
/// <param name="frontier">Knows whether a node has answered.</param>
/// <param name="random">Chooses.</param>
internal sealed class CrawlProbes(CrawlFrontier frontier, SeededRandomSource random)
{
    private const int SampleMax = 32;
    private const int EntriesMax = 16;
    private const int EntryEach = 3;

    private readonly int[] _sample = new int[SampleMax];
    private readonly int[] _entries = new int[EntriesMax];
    private int _entryCount;
    private int _sampleCount;
    private int _met;
    private int _turn;

    /// <summary>Whether there is a node that has answered.</summary>
    public bool CanProbe => _sampleCount > 0;

    /// <summary>Nodes that the crawl began at, as many as are remembered.</summary>
    public ReadOnlySpan<int> Entries => _entries.AsSpan(0, _entryCount);

    /// <summary>The crawl begins at a node.</summary>
    public void AddEntry(int handle)
    {
        if (_entryCount < EntriesMax)
        {
            _entries[_entryCount++] = handle;
        }
    }

    /// <summary>A node has answered for the first time.</summary>
    public void OnAlive(int handle)
    {
        _met++;
        if (_sampleCount < SampleMax)
        {
            _sample[_sampleCount++] = handle;
        }
        else if (random.Next(_met) is var place && place < SampleMax)
        {
            _sample[place] = handle;
        }
    }

    /// <summary>A node has answered again; it fills a place that is free.</summary>
    public void OnProven(int handle)
    {
        if (_sampleCount < SampleMax && !_sample.AsSpan(0, _sampleCount).Contains(handle))
        {
            _sample[_sampleCount++] = handle;
        }
    }

    /// <summary>A node that was probed is silent, others are not: the next that answers takes its place.</summary>
    public void OnSilent(int handle)
    {
        int place = _sample.AsSpan(0, _sampleCount).IndexOf(handle);
        if (place >= 0)
        {
            _sample[place] = _sample[--_sampleCount];
        }
    }

    /// <summary>The next to probe; false when nobody has answered yet.</summary>
    /// <param name="withEntries">
    /// Whether those that the crawl began at are among them: many begin at the same few, so only in need.
    /// </param>
    /// <param name="handle">The node.</param>
    public bool TryNext(bool withEntries, out int handle)
    {
        handle = 0;
        if (!CanProbe)
        {
            return false;
        }

        _turn++;
        if (withEntries && _turn % EntryEach == 0 && _entryCount > 0)
        {
            handle = _entries[_turn / EntryEach % _entryCount];
            if (frontier[handle].State.HasAnswered)
            {
                return true;
            }
        }

        handle = _sample[_turn % _sampleCount];
        return true;
    }
}
