using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// A target and what nodes on the way to it answer: a node that shares n bits with it names 8 contacts that share 2 or
/// 3 more, up to 20 shared bits, where a network of a million nodes ends.
/// </summary>
internal sealed class ScriptedSearch
{
    private const int SharedBitsMax = 20;
    private const int AnswersEach = 4;
    private const int Contacts = 8;

    private readonly CompactNode[] _contacts;

    public ScriptedSearch(SeededRandomSource random)
    {
        Target = NodeId.Random(random);
        Endpoint[] endpoints = Inputs.Endpoints(IpFamily.IPv4, random, (SharedBitsMax + 1) * AnswersEach * Contacts);
        _contacts = new CompactNode[endpoints.Length];
        for (int i = 0; i < endpoints.Length; i++)
        {
            int shared = Math.Min((i / (AnswersEach * Contacts)) + 2 + random.Next(2), SharedBitsMax);
            _contacts[i] = new CompactNode(Target.RandomWithCommonPrefix(shared, random), endpoints[i]);
        }
    }

    public NodeId Target { get; }

    public ReadOnlySpan<CompactNode> Seeds => _contacts.AsSpan(0, Contacts);

    /// <summary>Whether a node never answers.</summary>
    public static bool IsSilent(in NodeId id) => id.Middle64 % 5 == 0;

    public ReadOnlySpan<CompactNode> AnswerOf(in NodeId id)
    {
        int shared = Math.Min(Target.CommonPrefixLength(id), SharedBitsMax);
        int answer = (shared * AnswersEach) + (int)(id.Middle64 % AnswersEach);
        return _contacts.AsSpan(answer * Contacts, Contacts);
    }
}
