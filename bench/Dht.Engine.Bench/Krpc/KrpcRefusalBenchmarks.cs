using BenchmarkDotNet.Attributes;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// What is no message must be refused for less than a message costs, which is the baseline: a flood of it is the
/// cheapest attack there is. Beside short ones there is the worst that fits in a datagram: 1,400 bytes of what has to
/// be stepped over to the very end.
/// </summary>
[MemoryDiagnoser]
public class KrpcRefusalBenchmarks
{
    private const int Large = 1400;

    private byte[][] _sound = [];
    private byte[][] _datagrams = [];

    [Params(
        "other protocol", "cut off", "length too big", "no transaction id", "deep lists", "many keys", "many numbers")]
    public string Datagram { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _sound = Inputs.Repeat(() => Messages.FindNode(random));
        _datagrams = Inputs.Repeat(() => Make(Datagram, random));
        if (ParseSound() != 0 || Refuse() != Inputs.Count)
        {
            throw new InvalidOperationException("The wrong ones are refused.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int ParseSound() => CountRefused(_sound);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Refuse() => CountRefused(_datagrams);

    private static int CountRefused(byte[][] datagrams)
    {
        int refused = 0;
        foreach (byte[] datagram in datagrams)
        {
            refused += KrpcMessage.Parse(datagram, out _) == KrpcFault.None ? 0 : 1;
        }

        return refused;
    }

    private static byte[] Make(string kind, SeededRandomSource random)
    {
        byte[] sound = Messages.FindNode(random);
        switch (kind)
        {
            case "other protocol":
                random.Fill(sound);
                return [(byte)'A', .. sound[1..]];
            case "cut off":
                return sound[..(10 + random.Next(sound.Length - 11))];
            case "length too big":
                "99:"u8.CopyTo(sound.AsSpan(sound.AsSpan().IndexOf("20:"u8)));
                return sound;
            case "no transaction id":
                sound[sound.AsSpan().IndexOf("1:t4:"u8) + 2] = (byte)'u';
                return sound;
            case "deep lists":
                byte[] lists = new byte[Large];
                lists.AsSpan().Fill((byte)'l');
                "d1:x"u8.CopyTo(lists);
                return lists;
            case "many keys":
                return Filled("2:xx0:"u8, random);
            default:
                return Filled("1:xi7e"u8, random);
        }
    }

    /// <summary>A dictionary of unknown keys that lacks its end.</summary>
    private static byte[] Filled(ReadOnlySpan<byte> entry, SeededRandomSource random)
    {
        byte[] datagram = new byte[Large - random.Next(64)];
        datagram[0] = (byte)'d';
        for (int at = 1; at + entry.Length <= datagram.Length; at += entry.Length)
        {
            entry.CopyTo(datagram.AsSpan(at));
        }

        return datagram;
    }
}
