using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <summary>A random source of the user's that throws, in a node that is driven by hand.</summary>
public sealed class ThrowingRandomTests : IRandomSource
{
    private readonly SeededRandomSource _inner = new(5);
    private bool _throws;

    [Fact]
    public void InATaskOfTheNodesOwn_ItIsReported_AndTheOthersRun()
    {
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        var outbox = new Outbox(64, 64 * Outbox.DatagramSizeMax, AddressPolicy.AllowLocal);
        var faults = new List<Exception>();
        int ran = 0;
        var extensions = new NodeExtensions { OnFault = faults.Add };
        extensions.Tasks.Add("mine", TimeSpan.FromMinutes(5), (_, _) => ran++);
        var node = new MainlineNode(new NodeOptions(), outbox, this, now, extensions);

        // The tokens are the only thing that this node draws for.
        _throws = true;
        node.Tick(now + TimeSpan.FromMinutes(5));
        Assert.IsType<NotSupportedException>(Assert.Single(faults));
        Assert.Equal(1, node.Counters.Faults);
        Assert.Equal(1, ran);
    }

    void IRandomSource.Fill(Span<byte> destination)
    {
        if (_throws)
        {
            throw new NotSupportedException("no chance");
        }

        _inner.Fill(destination);
    }
}
