using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;

namespace Dht.Engine.Node;

/// <summary>What one address may have of a node, and all together.</summary>
internal sealed class NodeThrottles
{
    private const double VerificationsPerSecond = 0.2;
    private const int VerificationBurst = 2;
    private const double SilentPerSecond = 1.0 / 60;

    public NodeThrottles(NodeOptions options, IRandomSource random)
    {
        var hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        int asked = options.AddressesRemembered / 4;
        Answers = new AddressThrottle(
            options.AnswersPerSecondPerAddress, options.AnswerBurst, options.AddressesRemembered, hasher);
        Budget = new AnswerBudget(options, asked, hasher);
        Queries = new AddressThrottle(options.QueriesPerSecondPerAddress, options.QueryBurst, asked, hasher);

        Blocks = new AddressThrottle(
            options.QueriesPerSecondPerAddress, 2 * options.QueryBurst, Math.Max(16, asked / 4), hasher);

        // By address: forged ports of it must not use up what we may ask it ourselves.
        bool isShared = options.Table.AllowSharedAddresses;
        Verifications = new VerificationThrottle(
            new AddressThrottle(VerificationsPerSecond, VerificationBurst, asked, hasher, perPort: isShared),
            new AddressThrottle(SilentPerSecond, burst: 1, asked, hasher, perPort: true));
    }

    /// <summary>The bytes of all answers.</summary>
    public AnswerBudget Budget { get; }

    /// <summary>Answers to it.</summary>
    public AddressThrottle Answers { get; }

    /// <summary>Queries of ours to it.</summary>
    public AddressThrottle Queries { get; }

    /// <summary>Queries of all lookups to an IPv4 /24 or IPv6 /48.</summary>
    public AddressThrottle Blocks { get; }

    /// <summary>Pings that prove an asker.</summary>
    public VerificationThrottle Verifications { get; }
}
