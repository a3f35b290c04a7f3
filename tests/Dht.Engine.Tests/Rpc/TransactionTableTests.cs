using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Rpc;

public sealed class TransactionTableTests
{
    private static readonly Endpoint Somebody = Endpoint.Parse("1.2.3.4:6881");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(TransactionTable<int>.CapacityMax)]
    public void TheBound_HoldsOnePastIt(int capacity)
    {
        var table = new TransactionTable<int>(capacity, new SeededRandomSource(1));
        var ids = new ulong[capacity];
        for (int i = 0; i < capacity; i++)
        {
            Assert.True(table.TryOpen(Somebody, Instant.Zero, i, out ids[i]));
        }

        Assert.False(table.TryOpen(Somebody, Instant.Zero, -1, out _));
        Assert.Equal(capacity, ids.Distinct().Count());
        Assert.Equal(TransactionMatch.Found, Match(table, ids[capacity / 2], Somebody, out int slot));
        Assert.Equal(capacity / 2, table.State(slot));
        table.Close(slot);
        Assert.True(table.TryOpen(Somebody, Instant.Zero, -1, out ulong reused));
        Assert.NotEqual(ids[capacity / 2], reused);
        Assert.False(table.TryOpen(Somebody, Instant.Zero, -1, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(TransactionTable<int>.CapacityMax + 1)]
    public void ACapacityOutOfRange_IsRefused(int capacity) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new TransactionTable<int>(capacity, new SeededRandomSource(1)));

    [Fact]
    public void AnInstantThatIsPast_LeavesTheOrderOfSending()
    {
        var table = new TransactionTable<int>(8, new SeededRandomSource(1));
        foreach (int ticks in (int[])[10, 30, 20, 5, 40])
        {
            Assert.True(table.TryOpen(Somebody, new Instant(ticks), ticks, out _));
            table.CheckInvariants();
        }

        Assert.Equal(new Instant(10), table.OldestSentAt());
        var expired = new List<int>();
        while (table.TryGetExpired(new Instant(30), out int slot))
        {
            expired.Add(table.State(slot));
            table.Close(slot);
            table.CheckInvariants();
        }

        Assert.Equal([10, 30, 20, 5], expired);
    }

    [Fact]
    public void AllExpired_ComeOutInOrder()
    {
        var table = new TransactionTable<int>(100, new SeededRandomSource(1));
        for (int i = 0; i < 100; i++)
        {
            Assert.True(table.TryOpen(Somebody, new Instant(i), i, out _));
        }

        for (int i = 0; i < 50; i++)
        {
            Assert.True(table.TryMarkLate(new Instant(49), out _));
        }

        Assert.False(table.TryMarkLate(new Instant(49), out _));
        for (int i = 0; i < 100; i++)
        {
            Assert.True(table.TryGetExpired(new Instant(99), out int slot));
            Assert.Equal(i, table.State(slot));
            table.Close(slot);
        }

        Assert.False(table.TryGetExpired(Instant.Never, out _));
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void ASlotThatIsNotInUse_IsMisuse()
    {
        var table = new TransactionTable<int>(2, new SeededRandomSource(1));
        table.TryOpen(Somebody, Instant.Zero, 0, out ulong id);
        table.Close(table.SlotOf(id));
        Assert.Throws<InvalidOperationException>(() => table.Close(0));
        Assert.Throws<InvalidOperationException>(() => table.State(1));
    }

    [Fact]
    public void ASourceThatRepeatsItself_StillYieldsAnotherIdForTheSlot()
    {
        var table = new TransactionTable<int>(4, new StuckRandomSource());
        table.TryOpen(Somebody, Instant.Zero, 0, out ulong first);
        table.Close(table.SlotOf(first));
        table.TryOpen(Somebody, Instant.Zero, 0, out ulong second);
        Assert.NotEqual(first, second);
        Assert.Equal(TransactionMatch.Unknown, Match(table, first, Somebody, out _));
        Assert.Equal(TransactionMatch.Found, Match(table, second, Somebody, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(20)]
    public void AnIdOfAnotherLength_IsUnknown(int length)
    {
        var table = new TransactionTable<int>(4, new StuckRandomSource());
        table.TryOpen(Somebody, Instant.Zero, 0, out _);
        Assert.Equal(TransactionMatch.Unknown, table.TryMatch(new byte[length], Somebody, out _));
    }

    [Fact]
    public void AMillionIds_NeverCollideWhileOpenAndCannotBePredicted()
    {
        const int capacity = 512;
        const int indexBits = 9;
        const int count = 1_000_000;
        var random = new SeededRandomSource(77);
        var table = new TransactionTable<int>(capacity, new SeededRandomSource(78));
        var open = new List<ulong>();
        var openSet = new HashSet<ulong>();
        var ones = new int[64];
        var differences = new Dictionary<ulong, int>();
        ulong last = 0;
        for (int i = 0; i < count; i++)
        {
            if (open.Count == capacity || (open.Count > 0 && random.Next(2) == 0))
            {
                int at = random.Next(open.Count);
                Assert.Equal(TransactionMatch.Found, Match(table, open[at], Somebody, out int slot));
                table.Close(slot);
                openSet.Remove(open[at]);
                open[at] = open[^1];
                open.RemoveAt(open.Count - 1);
            }

            Assert.True(table.TryOpen(Somebody, Instant.Zero, i, out ulong id));
            Assert.True(openSet.Add(id), $"seed 77, step {i}: {id:x16} is open twice");
            open.Add(id);
            for (int bit = indexBits; bit < 64; bit++)
            {
                ones[bit] += (int)(id >> bit) & 1;
            }

            ulong step = (id - last) >> indexBits;
            differences[step] = differences.GetValueOrDefault(step) + 1;
            last = id;
        }

        // Six standard deviations of a fair coin. No difference of 2^55 is met twice.
        Assert.All(ones[indexBits..], set => Assert.InRange(set, (count / 2) - 3_000, (count / 2) + 3_000));
        Assert.Equal(1, differences.Values.Max());
    }

    /// <summary>
    /// Who answers our query with an error frees its slot, and would know nine bits of the next id if that took it.
    /// </summary>
    [Theory]
    [InlineData(512, 0)]
    [InlineData(512, 200)]
    [InlineData(65_536, 0)]
    [InlineData(65_536, 60_000)]
    public void AFreedSlot_IsRarelyTheNextThatIsTaken(int capacity, int others)
    {
        const int rounds = 20_000;
        var table = new TransactionTable<int>(capacity, new SeededRandomSource(80));
        for (int i = 0; i < others; i++)
        {
            table.TryOpen(Somebody, Instant.Zero, i, out _);
        }

        int last = -1;
        int again = 0;
        var taken = new HashSet<int>();
        for (int i = 0; i < rounds; i++)
        {
            table.TryOpen(Somebody, Instant.Zero, i, out ulong id);
            again += table.SlotOf(id) == last ? 1 : 0;
            last = table.SlotOf(id);
            taken.Add(last);
            table.Close(last);
        }

        // One of 512 or of 312 would be 39 or 64.
        Assert.InRange(again, 1, 120);
        Assert.InRange(taken.Count, 300, 512);
        table.CheckInvariants();
    }

    [Fact]
    public void NeighbouringIds_DifferInHalfOfTheirRandomBits()
    {
        var table = new TransactionTable<int>(512, new SeededRandomSource(79));
        long flipped = 0;
        ulong last = 0;
        for (int i = 0; i < 100_000; i++)
        {
            table.TryOpen(Somebody, Instant.Zero, i, out ulong id);
            table.Close(table.SlotOf(id));
            flipped += BitOperations.PopCount((id ^ last) >> 9);
            last = id;
        }

        Assert.InRange(flipped / 100_000.0, 27.4, 27.6);
    }

    [Fact]
    public void Use_AllocatesNothing()
    {
        var open = new TransactionTable<int>(64, new SeededRandomSource(1));
        Assert.Equal(0, AllocationGuard.OnThread(open, static table =>
        {
            for (int i = 0; i < 1000; i++)
            {
                table.TryOpen(Somebody, new Instant(i), i, out ulong id);
                table.TryMarkLate(new Instant(i - 10), out _);
                Match(table, id, Somebody, out _);
                if (table.TryGetExpired(new Instant(i - 20), out int slot))
                {
                    table.Close(slot);
                }
            }

            while (table.TryGetExpired(Instant.Never, out int slot))
            {
                table.Close(slot);
            }
        }));
    }

    private static TransactionMatch Match(TransactionTable<int> table, ulong id, Endpoint source, out int slot)
    {
        Span<byte> bytes = stackalloc byte[TransactionId.Size];
        TransactionId.Write(bytes, id);
        Assert.True(TransactionId.TryRead(bytes, out ulong read) && read == id);
        return table.TryMatch(bytes, source, out slot);
    }
}
