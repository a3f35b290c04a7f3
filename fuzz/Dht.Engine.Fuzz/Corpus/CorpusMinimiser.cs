namespace Dht.Engine.Fuzz.Corpus;

/// <summary>Chooses few and short inputs that together reach all that many reach.</summary>
internal static class CorpusMinimiser
{
    /// <summary>The most inputs that are kept.</summary>
    public const int CountMax = 290;

    /// <summary>The most bytes that are kept.</summary>
    public const int BytesMax = 190_000;

    /// <summary>
    /// Chooses. Every counter is reached first, the rarest before the others, then every class of it, as far as the
    /// bounds allow.
    /// </summary>
    public static IReadOnlyList<CorpusEntry> Choose(IReadOnlyList<CorpusEntry> entries)
    {
        CorpusEntry[] byLength = [.. entries.OrderBy(static e => e.Bytes.Length)
            .ThenBy(static e => CorpusFolder.NameOf(e.Bytes), StringComparer.Ordinal)];
        List<CorpusEntry> chosen = [];
        HashSet<int> covered = [];
        HashSet<int> coveredEdges = [];
        int bytes = 0;
        Cover(static feature => feature >> 3, coveredEdges);
        Cover(static feature => feature, covered);
        return chosen;

        void Cover(Func<int, int> unit, HashSet<int> done)
        {
            foreach (int wanted in Units(byLength, unit))
            {
                if (done.Contains(wanted))
                {
                    continue;
                }

                CorpusEntry entry = byLength.First(e => e.Features.Any(f => unit(f) == wanted));
                if (chosen.Count >= CountMax || bytes + entry.Bytes.Length > BytesMax)
                {
                    return;
                }

                chosen.Add(entry);
                bytes += entry.Bytes.Length;
                covered.UnionWith(entry.Features);
                coveredEdges.UnionWith(entry.Features.Select(static f => f >> 3));
            }
        }
    }

    /// <summary>Counters or features, those that the fewest inputs reach first.</summary>
    private static int[] Units(CorpusEntry[] entries, Func<int, int> unit)
    {
        Dictionary<int, int> reachedBy = [];
        foreach (CorpusEntry entry in entries)
        {
            foreach (int one in entry.Features.Select(unit).Distinct())
            {
                reachedBy[one] = reachedBy.GetValueOrDefault(one) + 1;
            }
        }

        return [.. reachedBy.OrderBy(static pair => pair.Value).ThenBy(static pair => pair.Key)
            .Select(static pair => pair.Key)];
    }
}
