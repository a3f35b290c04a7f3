using Dht.Engine.Crawling;
using Dht.Engine.Invariants;

namespace Dht.Engine.Tests.Crawling;

public class CrawlStateTests
{
    // From each step, those it may lead to, in the order of the steps.
    private static readonly (CrawlStep From, string To)[] Legal =
    [
        (CrawlStep.Heard, "Asking Queued Owed Done"),
        (CrawlStep.Asking, "Queued Owed Silent Refused Done"),
        (CrawlStep.Queued, "Asking Queued Owed Done"),
        (CrawlStep.Owed, "Asking Queued Owed Done"),
        (CrawlStep.Silent, "Asking Queued Owed Done"),
        (CrawlStep.Refused, "Asking Queued Owed Done"),
        (CrawlStep.Done, "Queued Silent"),
    ];

    [Fact]
    public void AStepLeadsWhereTheDiagramShows_AndKeepsTheMarks()
    {
        foreach ((CrawlStep from, string to) in Legal)
        {
            var state = new CrawlState((byte)(0xB0 | (byte)from));
            var reached = new List<CrawlStep>();
            foreach (CrawlStep step in Enum.GetValues<CrawlStep>())
            {
                if (!to.Split(' ').Contains(step.ToString()))
                {
                    Assert.Throws<InvariantException>(() => state.To(step));
                    continue;
                }

                CrawlState next = state.To(step);
                Assert.True(next.Step == step && next.HasAnswered && next.Retries == 5, $"{from} to {step}");
                reached.Add(step);
            }

            Assert.Equal(to, string.Join(' ', reached));
        }
    }

    [Fact]
    public void Marks_AreKeptBesideTheStep()
    {
        CrawlState state = new CrawlState(0).To(CrawlStep.Asking).To(CrawlStep.Silent).WithRetry();
        Assert.True(state is { Step: CrawlStep.Silent, Retries: 1, HasAnswered: false });
        state = state.To(CrawlStep.Asking).WithAnswer();
        Assert.True(state is { Step: CrawlStep.Asking, Retries: 1, HasAnswered: true });
        Assert.Throws<InvariantException>(() => state.WithRetry());
        Assert.Throws<InvariantException>(() => state.To(CrawlStep.Done).WithAnswer());
    }
}
