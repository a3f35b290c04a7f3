using Dht.Engine.Addressing;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Engine;

public sealed class OwnTableTests
{
    [Fact]
    public async Task AnEngineMadeWithATable_UsesIt()
    {
        var own = new RecordingTable(IpFamily.IPv4);
        await using var engine = new DhtEngine(own, Loopback.Options());
        engine.Start();
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        Assert.Equal(QueryStatus.Answered, (await engine.PingAsync(other.LocalEndpoint)).Status);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (engine.Counters.Contacts != 1)
        {
            await Task.Delay(10, limit.Token);
        }

        Assert.Equal(other.LocalEndpoint, Assert.Single(own.Inserted).Endpoint);
        Assert.Equal(engine.Id, own.Self);
    }

    [Fact]
    public async Task ATableThatThrowsWhenTheEngineStarts_IsReported()
    {
        var faults = new List<Exception>();
        var own = new RecordingTable(IpFamily.IPv4) { ThrowsOnRebase = true };
        await using DhtEngine engine = new(own, Loopback.Options() with { OnFault = faults.Add });
        engine.Start();
        Assert.IsType<NotSupportedException>(Assert.Single(faults));
        Assert.Equal(1, engine.Counters.Faults);
    }

    [Fact]
    public void NoTable_IsRefusedAtOnce() =>
        Assert.Throws<ArgumentNullException>(() => new DhtEngine((IRoutingTable)null!));
}
