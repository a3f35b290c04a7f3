using BenchmarkDotNet.Attributes;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Timing;

namespace Dht.Engine.Bench;

/// <summary>
/// Whole searches without a network: seeded with 8 contacts, each answer names 8 nearer ones, until the search is over; every fifth
/// node is silent. 64 targets in turn. The baseline keeps a list that it sorts after each answer.
/// </summary>
[MemoryDiagnoser]
public class CandidateSetBenchmarks
{
    private const int Searches = 64;

    private readonly CandidateSet _set = new(new CandidateSetOptions(), new SeededRandomSource(2));
    private readonly Queue<Candidate> _inFlight = new(64);
    private readonly SortedCandidates _sorted = new();
    private ScriptedSearch[] _scripts = [];

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _scripts = Inputs.Repeat(() => new ScriptedSearch(random), Searches);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Searches)]
    public int SortedList()
    {
        int answers = 0;
        foreach (ScriptedSearch script in _scripts)
        {
            answers += _sorted.Search(script);
        }

        return answers;
    }

    [Benchmark(OperationsPerInvoke = Searches)]
    public int WholeSearch()
    {
        int answers = 0;
        foreach (ScriptedSearch script in _scripts)
        {
            answers += Search(script);
        }

        return answers;
    }

    /// <summary>The contacts of an answer that brings nothing new: most of them, in a real search.</summary>
    [Benchmark(OperationsPerInvoke = Searches)]
    public int AnswerWithoutNews()
    {
        int added = 0;
        _set.Begin(_scripts[0].Target, default);
        Offer(_scripts[0].Seeds);
        for (int i = 0; i < Searches; i++)
        {
            added += Offer(_scripts[0].Seeds);
        }

        return added;
    }

    private int Search(ScriptedSearch script)
    {
        int answers = 0;
        _set.Begin(script.Target, default);
        Offer(script.Seeds);
        while (!_set.IsComplete)
        {
            while (_set.TryTakeNext(out Candidate next))
            {
                _inFlight.Enqueue(next);
            }

            Candidate asked = _inFlight.Dequeue();
            if (ScriptedSearch.IsSilent(asked.Id))
            {
                _set.MarkFailed(asked.Handle);
            }
            else if (_set.MarkAnswered(asked.Handle, asked.Id))
            {
                answers++;
                Offer(script.AnswerOf(asked.Id));
            }
        }

        _inFlight.Clear();
        return answers;
    }

    private int Offer(ReadOnlySpan<CompactNode> contacts)
    {
        int added = 0;
        _set.BeginReply();
        foreach (ref readonly CompactNode contact in contacts)
        {
            added += _set.Add(contact.Id, contact.Endpoint) ? 1 : 0;
        }

        return added;
    }
}
