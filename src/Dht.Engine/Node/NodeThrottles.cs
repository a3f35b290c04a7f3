using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;

namespace Dht.Engine.Node;

/// <summary>What one address may have of a node.</summary>
internal sealed class NodeThrottles
{
    public NodeThrottles(NodeOptions options, IRandomSource random)
    {
        var hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        int asked = options.AddressesRemembered / 4;
        Answers = new AddressThrottle(
            options.AnswersPerSecondPerAddress, options.AnswerBurst, options.AddressesRemembered, hasher);
        Queries = new AddressThrottle(options.QueriesPerSecondPerAddress, options.QueryBurst, asked, hasher);

        Blocks = new AddressThrottle(
            options.QueriesPerSecondPerAddress, 2 * options.QueryBurst, Math.Max(16, asked / 4), hasher);

        // By address: forged ports of it must not use up what we may ask it ourselves.
        Verifications = new AddressThrottle(1.0 / 60, 1, asked, hasher, perPort: options.Table.AllowSharedAddresses);
    }

    /// <summary>Answers to it.</summary>
    public AddressThrottle Answers { get; }

    /// <summary>Queries of ours to it.</summary>
    public AddressThrottle Queries { get; }

    /// <summary>Queries of all lookups to an IPv4 /24 or IPv6 /48.</summary>
    public AddressThrottle Blocks { get; }

    /// <summary>Pings that prove an asker.</summary>
    public AddressThrottle Verifications { get; }
}
