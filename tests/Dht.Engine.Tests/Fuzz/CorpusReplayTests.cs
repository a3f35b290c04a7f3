using Dht.Engine.Fuzz;
using Dht.Engine.Fuzz.Corpus;

namespace Dht.Engine.Tests.Fuzz;

/// <summary>Every input of the committed corpora, fed to the plain engine.</summary>
public sealed class CorpusReplayTests
{
    private const int FilesMax = 300;
    private const int BytesMax = 200_000;

    public static TheoryData<string> Names =>
        [.. FuzzTargets.CreateAll().Where(static t => !t.IsPlanted).Select(static t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryInputOfTheCorpus_Passes(string name)
    {
        IFuzzTarget target = FuzzTargets.CreateAll().Single(t => t.Name == name);
        IReadOnlyList<byte[]> corpus = CorpusFolder.Of(target).Load();
        Assert.InRange(corpus.Count, 20, FilesMax);
        Assert.InRange(corpus.Sum(static input => input.Length), 1, BytesMax);
        foreach (byte[] input in target.Seeds.Concat(corpus))
        {
            Feed(target, input);
        }
    }

    [Fact]
    public void NoInput_IsLongerThanItsTargetTakes()
    {
        foreach (IFuzzTarget target in FuzzTargets.CreateAll())
        {
            Assert.NotEmpty(target.Seeds);
            Assert.InRange(target.LengthMax, 1, GuardedInput.LengthMax);
            Assert.All(target.Seeds, seed => Assert.InRange(seed.Length, 0, target.LengthMax));
            Assert.All(CorpusFolder.Of(target).Load(), input => Assert.InRange(input.Length, 0, target.LengthMax));
        }
    }

    private static void Feed(IFuzzTarget target, byte[] input)
    {
        string what = $"{target.Name}, {CorpusFolder.NameOf(input)}: {Convert.ToHexString(input)}";
        Exception? failure = Record.Exception(() => FeedTwice(target, input));
        Assert.True(failure == null, $"{what}: {failure}");
    }

    private static void FeedTwice(IFuzzTarget target, byte[] input)
    {
        // The runtime may allocate while it loads a type, but not twice.
        target.Execute(input);
        AllocationWatch.Reset();
        target.Execute(input);
        Assert.True(AllocationWatch.Bytes == 0, $"{AllocationWatch.Bytes} bytes allocated");
    }
}
