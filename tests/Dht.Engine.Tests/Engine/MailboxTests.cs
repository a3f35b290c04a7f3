using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Engine;

public sealed class MailboxTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void ItIsAQueueOfItsCapacity_WhateverIsDoneToIt(int capacity)
    {
        var mailbox = new Mailbox(capacity);
        var expected = new Queue<ILoopCall>();
        var random = new Random(4711);
        for (int step = 0; step < 2_000; step++)
        {
            if (random.Next(2) == 0)
            {
                var call = new IdleCall();
                bool isPosted = mailbox.TryPost(call);
                Assert.Equal(expected.Count < capacity, isPosted);
                if (isPosted)
                {
                    expected.Enqueue(call);
                }
            }
            else
            {
                bool isTaken = mailbox.TryTake(out ILoopCall? call);
                Assert.Equal(expected.TryDequeue(out ILoopCall? oldest), isTaken);
                Assert.Same(oldest, call);
            }

            Assert.Equal(expected.Count == 0, mailbox.IsEmpty);
            mailbox.CheckInvariants();
        }
    }

    [Fact]
    public void Closed_ItGivesWhatItHolds_AndTakesNoMore()
    {
        var mailbox = new Mailbox(4);
        var call = new IdleCall();
        Assert.True(mailbox.TryPost(call));
        mailbox.Close();
        Assert.False(mailbox.TryPost(new IdleCall()));
        Assert.True(mailbox.TryTake(out ILoopCall? taken));
        Assert.Same(call, taken);
        Assert.False(mailbox.TryTake(out _));
        mailbox.CheckInvariants();
    }

    private sealed class IdleCall : ILoopCall
    {
        public void Run(MainlineNode node, Instant now)
        {
            // It is only moved about.
        }

        public void Abandon()
        {
            // It is only moved about.
        }
    }
}
