using BenchmarkDotNet.Attributes;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// Whole searches without a network: seeded with 8 contacts, each answer names 8 nearer ones, until the search is
/// over; every fifth node is silent. 64 targets in turn. The baseline keeps a list that it sorts after each answer;
/// it asks one node at a time, so it compares with the search that does the same. By default a search asks many at
/// once, which takes some eight times as many queries here.
/// </summary>
[MemoryDiagnoser]
public class CandidateSetBenchmarks
{
    private const int Searches = 64;

    private readonly CandidateSet _set = new(new CandidateSetOptions(), new SeededRandomSource(2));
    private readonly CandidateSet _single = new(
        new CandidateSetOptions { Alpha = 1, Window = 0, InFlightMax = 1 }, new SeededRandomSource(2));
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
    public int OneAtATime() => SearchAll(_single);

    [Benchmark(OperationsPerInvoke = Searches)]
    public int ManyAtOnce() => SearchAll(_set);

    /// <summary>The contacts of an answer that brings nothing new: most of them, in a real search.</summary>
    [Benchmark(OperationsPerInvoke = Searches)]
    public int AnswerWithoutNews()
    {
        int added = 0;
        _set.Begin(_scripts[0].Target, default);
        Offer(_set, _scripts[0].Seeds);
        for (int i = 0; i < Searches; i++)
        {
            added += Offer(_set, _scripts[0].Seeds);
        }

        return added;
    }

    private int SearchAll(CandidateSet set)
    {
        int answers = 0;
        foreach (ScriptedSearch script in _scripts)
        {
            answers += Search(set, script);
        }

        return answers;
    }

    private int Search(CandidateSet set, ScriptedSearch script)
    {
        int answers = 0;
        set.Begin(script.Target, default);
        Offer(set, script.Seeds);
        while (!set.IsComplete)
        {
            while (set.TryTakeNext(out Candidate next))
            {
                _inFlight.Enqueue(next);
            }

            Candidate asked = _inFlight.Dequeue();
            if (ScriptedSearch.IsSilent(asked.Id))
            {
                set.MarkFailed(asked.Handle);
            }
            else if (set.MarkAnswered(asked.Handle, asked.Id))
            {
                answers++;
                Offer(set, script.AnswerOf(asked.Id));
            }
        }

        _inFlight.Clear();
        return answers;
    }

    private static int Offer(CandidateSet set, ReadOnlySpan<CompactNode> contacts)
    {
        int added = 0;
        set.BeginReply();
        foreach (ref readonly CompactNode contact in contacts)
        {
            added += set.Add(contact.Id, contact.Endpoint) ? 1 : 0;
        }

        return added;
    }
}
