using Dht.Engine.Fuzz.Corpus;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Fuzz;

public sealed class CorpusMinimiserTests
{
    [Fact]
    public void WhatIsChosen_ReachesEverything_WithTheShortest()
    {
        CorpusEntry longest = Entry(9, 0, 8, 16);
        CorpusEntry shorter = Entry(5, 0, 8);
        CorpusEntry shortest = Entry(1, 0);
        CorpusEntry another = Entry(2, 16, 24);
        IReadOnlyList<CorpusEntry> chosen = CorpusMinimiser.Choose([longest, shorter, shortest, another]);
        Assert.Equal([another, shorter], chosen);
    }

    [Fact]
    public void RandomCorpora_KeepAllTheyReach()
    {
        for (ulong seed = 1; seed <= 50; seed++)
        {
            SeededRandomSource random = new(seed);
            CorpusEntry[] entries =
                [.. Enumerable.Range(0, 60).Select(
                    _ => Entry(random.Next(40), [.. Enumerable.Range(0, 6).Select(_ => random.Next(400))]))];
            IReadOnlyList<CorpusEntry> chosen = CorpusMinimiser.Choose(entries);
            Assert.True(
                chosen.SelectMany(static e => e.Features).ToHashSet()
                    .SetEquals(entries.SelectMany(static e => e.Features)), $"seed {seed}");
            Assert.True(chosen.Count == chosen.Distinct().Count(), $"seed {seed}");
        }
    }

    [Fact]
    public void TooMany_AreBounded_AndEveryCounterComesBeforeItsClasses()
    {
        CorpusEntry[] entries = [.. Enumerable.Range(0, 1000).Select(
            i => Entry(10, i % 250 * 8, (i % 250 * 8) + 1 + (i / 250)))];
        IReadOnlyList<CorpusEntry> chosen = CorpusMinimiser.Choose(entries);
        Assert.Equal(CorpusMinimiser.CountMax, chosen.Count);
        Assert.Equal(250, chosen.SelectMany(static e => e.Features).Select(static f => f >> 3).Distinct().Count());
    }

    [Fact]
    public void ALiveCorpus_PicksAllOfThem_AndTheRareMoreOften()
    {
        SeededRandomSource random = new(5);
        LiveCorpus corpus = new(64, 64);
        CorpusEntry rare = Entry(4, 1, 2, 3, 4, 5, 6, 7, 8);
        corpus.Add(Entry(4, 1));
        corpus.Add(rare);
        corpus.Add(Entry(4, 1));
        Dictionary<CorpusEntry, int> picks = corpus.Entries.ToDictionary(static e => e, static _ => 0);
        for (int i = 0; i < 10_000; i++)
        {
            picks[corpus.Pick(random)]++;
        }

        Assert.All(picks.Values, static count => Assert.True(count > 20));
        Assert.True(picks[rare] > 5_000, $"{picks[rare]} picks");
    }

    private static CorpusEntry Entry(int length, params int[] features) => new(new byte[length], features);
}
