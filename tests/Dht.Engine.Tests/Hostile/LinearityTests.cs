using System.Buffers.Binary;
using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Storage;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// Whether many tokens and transaction ids can be told from random numbers: the balance of each bit,
/// what follows what, and whether they add up. A checksum of the address and a counter are tried beside them, and are
/// found out.
/// </summary>
public sealed class LinearityTests
{
    private const int Count = 20_000;

    // Six standard deviations: by chance once in half a billion.
    private const double SigmaMax = 6;

    private static readonly InfoHash Torrent = new(Wire.Bytes(Wire.IdB));

    public static TheoryData<IpFamily, ulong> Seeds => new()
    {
        { IpFamily.IPv4, 1 }, { IpFamily.IPv4, 2 }, { IpFamily.IPv6, 3 }, { IpFamily.IPv6, 4 },
    };

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Tokens_LookLikeRandomNumbers(IpFamily family, ulong seed)
    {
        var vault = new TokenVault(new SeededRandomSource(seed));
        string verdict = Judge(
            [.. Enumerable.Range(0, Count).Select(i => Token(vault, TestEndpoints.Public(family, i)))], 64);
        Assert.True(verdict.Length == 0, $"seed {seed}: {verdict}");
    }

    /// <summary>
    /// Of four addresses that add up to nothing, the tokens do not either: none follows from three others.
    /// </summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void NoToken_FollowsFromThreeOthers(IpFamily family, ulong seed)
    {
        var vault = new TokenVault(new SeededRandomSource(seed));
        Assert.Equal(0, ConstantShare(family, seed, endpoint => Token(vault, endpoint)));
    }

    /// <summary>
    /// A checksum under a secret looks random bit by bit, and yet every one follows from three others.
    /// </summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void AChecksumInItsPlace_WouldBeFoundOut(IpFamily family, ulong seed)
    {
        byte[] secret = new byte[16];
        new SeededRandomSource(seed).Fill(secret);
        Assert.Equal(1, ConstantShare(family, seed, endpoint => Checksum(secret, endpoint)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void TransactionIdsOfANode_LookLikeRandomNumbers(int seed)
    {
        // 512 slots: nine bits say which, 55 are chance.
        const int slotBits = 9;
        var node = new NodeHarness(new NodeOptions { QueriesPerSecondPerAddress = 0 }, (ulong)seed);
        ulong[] ids = new ulong[Count];
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(AskResult.Sent, node.Node.Ping(TestEndpoints.Public(IpFamily.IPv4, i), node.Now));
            Assert.True(TransactionId.TryRead(Wire.Bytes(node.TakeQuery().TransactionId), out ulong id));
            ids[i] = id >> slotBits;
            if (i % 256 == 255)
            {
                node.Advance(TimeSpan.FromSeconds(4));
            }
        }

        string verdict = Judge(ids, 64 - slotBits);
        Assert.True(verdict.Length == 0, $"seed {seed}: {verdict}");
    }

    [Fact]
    public void ACounterInTheirPlace_WouldBeFoundOut()
    {
        Assert.NotEmpty(Judge([.. Enumerable.Range(0, Count).Select(static i => (ulong)i)], 23));
        Assert.NotEmpty(Judge([.. Enumerable.Range(0, Count).Select(static i => (ulong)i * 0x5555)], 23));
    }

    /// <summary>
    /// Tokens of one address for many torrents, and of one torrent before and after a rotation, have nothing in
    /// common.
    /// </summary>
    [Theory]
    [InlineData(5)]
    public void TokensOfOneAddress_DependOnTorrentAndSecret(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        var vault = new TokenVault(random);
        Endpoint asker = TestEndpoints.Public(IpFamily.IPv4, 1);
        ulong[] torrents = [.. Enumerable.Range(0, Count).Select(_ => Token(vault, asker, InfoHash.Random(random)))];
        ulong[] rotations = new ulong[Count];
        for (int i = 0; i < Count; i++)
        {
            vault.Rotate();
            rotations[i] = Token(vault, asker);
        }

        Assert.Equal(("", ""), (Judge(torrents, 64), Judge(rotations, 64)));
    }

    /// <summary>What tells numbers from random ones; empty when nothing does.</summary>
    private static string Judge(ulong[] values, int bits)
    {
        double sigma = Math.Sqrt(values.Length) / 2;
        for (int bit = 0; bit < bits; bit++)
        {
            int ones = 0;
            int changes = 0;
            for (int i = 0; i < values.Length; i++)
            {
                ones += (int)(values[i] >> bit) & 1;
                changes += i == 0 ? 0 : (int)((values[i] ^ values[i - 1]) >> bit) & 1;
            }

            double off = Math.Abs(ones - (values.Length / 2.0)) / sigma;
            double serial = Math.Abs(changes - ((values.Length - 1) / 2.0)) / sigma;
            if (off > SigmaMax || serial > SigmaMax)
            {
                return $"bit {bit}: {ones} ones ({off:0.0} sigma), {changes} changes ({serial:0.0} sigma)";
            }
        }

        // Differences of neighbours: of a counter they are all the same.
        int different = values.Zip(values.Skip(1), static (left, right) => right - left).Distinct().Count();
        if (different < values.Length * 9 / 10)
        {
            return $"only {different} different steps";
        }

        double weight = values.Average(
            value => BitOperations.PopCount(value & (bits == 64 ? ulong.MaxValue : (1ul << bits) - 1)));
        double weightOff = Math.Abs(weight - (bits / 2.0)) / (Math.Sqrt(bits) / 2 / Math.Sqrt(values.Length));
        return weightOff > SigmaMax ? $"{weight:0.000} ones of {bits} bits" : "";
    }

    /// <summary>In what share of random squares a, b, c, a ^ b ^ c the four values add up to nothing.</summary>
    private static double ConstantShare(IpFamily family, ulong seed, Func<Endpoint, ulong> value)
    {
        const int squares = 2_000;
        var random = new SeededRandomSource(seed);
        int constant = 0;
        for (int i = 0; i < squares; i++)
        {
            (ulong a, ulong b, ulong c) = (random.NextUInt64(), random.NextUInt64(), random.NextUInt64());
            ulong sum = value(At(family, a)) ^ value(At(family, b)) ^ value(At(family, c)) ^ value(
                At(family, a ^ b ^ c));
            constant += sum == 0 ? 1 : 0;
        }

        return (double)constant / squares;
    }

    private static Endpoint At(IpFamily family, ulong bits) =>
        family == IpFamily.IPv6 ? Endpoint.FromIPv6(bits, ~bits, 6881) : Endpoint.FromIPv4((uint)bits, 6881);

    private static ulong Token(TokenVault vault, in Endpoint endpoint) => Token(vault, endpoint, Torrent);

    private static ulong Token(TokenVault vault, in Endpoint endpoint, in InfoHash torrent)
    {
        Span<byte> token = stackalloc byte[TokenVault.TokenSize];
        vault.Write(endpoint, torrent, token);
        return BinaryPrimitives.ReadUInt64BigEndian(token);
    }

    private static ulong Checksum(byte[] secret, in Endpoint endpoint)
    {
        Span<byte> bytes = stackalloc byte[16 + Endpoint.CompactSizeIPv6];
        secret.CopyTo(bytes);
        int length = endpoint.WriteCompact(bytes[16..]);
        return Crc32C.Compute(bytes[..(16 + length)]);
    }
}
