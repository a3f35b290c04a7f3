using System.Security.Cryptography;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Randomness;

public class SeededRandomSourceTests
{
    // Of the first 4,096 bytes. A change here breaks every recorded simulation: add another source instead.
    [Theory]
    [InlineData(0, "59855f5dfc612bd860c2be32bf5e327035b56a1c9c428a59313d1a5267d265b1")]
    [InlineData(1, "b5ce624e10325eec8a9f7d8de3a2369ce9933fcd725bcab7235f3c15ec0db4a4")]
    [InlineData(ulong.MaxValue, "d3d122e1720897b8c5c7a34f37dbe1a290a004f0f08245b69b86841b6515ccf3")]
    public void TheSequenceOfASeed_IsPinned(ulong seed, string sha256)
    {
        byte[] bytes = new byte[4096];
        new SeededRandomSource(seed).Fill(bytes);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Fact]
    public void FirstNumbers_AreThoseOfXoshiro()
    {
        var random = new SeededRandomSource(0);
        Assert.Equal(0x99ec5f36cb75f2b4UL, random.NextUInt64());
        Assert.Equal(0xbf6e1f78U, random.NextUInt32());
        Assert.Equal(0x1a5f849d4933d060UL, random.NextUInt64());
    }

    [Fact]
    public void Fill_WritesTheWholeSpanAndNothingElse()
    {
        byte[] all = new byte[16];
        new SeededRandomSource(4).Fill(all);
        for (int length = 0; length <= 16; length++)
        {
            byte[] buffer = new byte[18];
            new SeededRandomSource(4).Fill(buffer.AsSpan(1, length));
            Assert.Equal(all[..length], buffer[1..(1 + length)]);
            Assert.Equal(0, buffer[0]);
            Assert.All(buffer[(1 + length)..], b => Assert.Equal(0, b));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public void Next_StaysBelowTheBound(int bound)
    {
        var random = new SeededRandomSource(6);
        var seen = new HashSet<int>();
        for (int i = 0; i < 2_000; i++)
        {
            int value = random.Next(bound);
            Assert.InRange(value, 0, bound - 1);
            seen.Add(value);
        }

        Assert.True(seen.Count >= Math.Min(bound, 7));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Next_RefusesAnEmptyRange(int bound) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandomSource(1).Next(bound));

    [Fact]
    public void Mix_IsTheFinaliserOfSplitmix()
    {
        Assert.Equal(0UL, SeededRandomSource.Mix(0));
        Assert.Equal(0xe220a8397b1dcdafUL, SeededRandomSource.Mix(0x9E3779B97F4A7C15));
    }

    [Fact]
    public void Bits_AreBalanced()
    {
        var random = new SeededRandomSource(12);
        int[] ones = new int[64];
        for (int i = 0; i < 10_000; i++)
        {
            ulong value = random.NextUInt64();
            for (int bit = 0; bit < 64; bit++)
            {
                ones[bit] += (int)(value >> bit & 1);
            }
        }

        Assert.All(ones, count => Assert.InRange(count, 4_700, 5_300));
    }

    [Fact]
    public void TheDefaultMembersOfTheInterface_DrawFromFill()
    {
        IRandomSource random = new CountingSource();
        Assert.Equal(0x03020100U, random.NextUInt32());
        Assert.Equal(0x0b0a090807060504UL, random.NextUInt64());
    }

    [Fact]
    public void Drawing_AllocatesNothing()
    {
        var random = new SeededRandomSource(1);
        AllocationGuard.AssertNone((random, new byte[37]), static s =>
        {
            s.random.Fill(s.Item2);
            _ = s.random.NextUInt32() + s.random.NextUInt64() + (ulong)s.random.Next(9);
        });
    }

    private sealed class CountingSource : IRandomSource
    {
        private byte _next;

        public void Fill(Span<byte> destination)
        {
            foreach (ref byte b in destination)
            {
                b = _next++;
            }
        }
    }
}
