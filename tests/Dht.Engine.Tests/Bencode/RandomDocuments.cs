using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

/// <summary>Documents made up from a seed: the same seed, the same document.</summary>
internal static class RandomDocuments
{
    public static BencodeValue Create(int seed)
    {
        Random random = new(seed);
        return Create(random, depth: 0, depthMax: random.Next(1, 6));
    }

    private static BencodeValue Create(Random random, int depth, int depthMax) =>
        random.Next(depth >= depthMax ? 2 : 5) switch
        {
            0 => CreateInteger(random),
            1 => CreateBytes(random),
            2 => CreateList(random, depth, depthMax),
            _ => CreateDictionary(random, depth, depthMax),
        };

    private static long CreateInteger(Random random) => random.Next(6) switch
    {
        0 => 0,
        1 => long.MaxValue,
        2 => long.MinValue,
        3 => random.Next(-1_000, 1_000),
        _ => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(63),
    };

    private static byte[] CreateBytes(Random random)
    {
        byte[] bytes = new byte[random.Next(20) == 0 ? random.Next(90, 120) : random.Next(12)];
        if (random.Next(2) == 0)
        {
            random.NextBytes(bytes);
            return bytes;
        }

        // Content that looks like structure finds readers that step into strings.
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = "dlie:0123456789-"u8[random.Next(16)];
        }

        return bytes;
    }

    private static BencodeValue CreateList(Random random, int depth, int depthMax)
    {
        BencodeValue[] items = new BencodeValue[random.Next(5)];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = Create(random, depth + 1, depthMax);
        }

        return BencodeValue.FromList(items);
    }

    private static BencodeBuilder CreateDictionary(Random random, int depth, int depthMax)
    {
        BencodeBuilder builder = [];
        for (int i = random.Next(5); i > 0; i--)
        {
            builder[CreateBytes(random).AsSpan()] = Create(random, depth + 1, depthMax);
        }

        return builder;
    }
}
