using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// A state saved and loaded, with as many contacts of each family as a node saves, and with the most. The baseline is
/// the checksum of its bytes.
/// </summary>
[MemoryDiagnoser]
public class NodeStateCodecBenchmarks
{
    private NodeState _state = new();
    private byte[] _bytes = [];

    [Params(256, NodeStateCodec.ContactsMax)]
    public int ContactsEach { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _state = new NodeState
        {
            IdIPv4 = NodeId.Random(random),
            IdIPv6 = NodeId.Random(random),
            Contacts =
            [
                .. Inputs.Contacts(IpFamily.IPv4, random, ContactsEach),
                .. Inputs.Contacts(IpFamily.IPv6, random, ContactsEach),
            ],
        };
        _bytes = NodeStateCodec.Encode(_state);
        if (Load() != 2 * ContactsEach)
        {
            throw new InvalidOperationException("The state does not come back.");
        }
    }

    [Benchmark(Baseline = true)]
    public uint Checksum() => Crc32C.Compute(_bytes);

    [Benchmark]
    public int Save() => NodeStateCodec.Encode(_state).Length;

    [Benchmark]
    public int Load() =>
        NodeStateCodec.TryDecode(_bytes, out NodeState? state) == NodeStateError.None ? state!.Contacts.Count : -1;
}
