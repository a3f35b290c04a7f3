using Dht.Engine.Addressing;
using Dht.Engine.Invariants;
using Dht.Engine.Rpc;

namespace Dht.Engine.Tests.Addressing;

public sealed class GuardedPolicyTests
{
    private static readonly Endpoint Somewhere = Endpoint.Parse("8.8.8.8:6881");

    private readonly List<Exception> _reported = [];

    [Fact]
    public void OurPolicies_AreLeftAsTheyAre()
    {
        Assert.Same(AddressPolicy.Public, GuardedPolicy.Wrap(AddressPolicy.Public, _reported.Add));
        Assert.Same(AddressPolicy.AllowLocal, GuardedPolicy.Wrap(AddressPolicy.AllowLocal, _reported.Add));
        IAddressPolicy guarded = GuardedPolicy.Wrap(new MoodyPolicy(), _reported.Add);
        Assert.Same(guarded, GuardedPolicy.Wrap(guarded, _reported.Add));
    }

    [Fact]
    public void WhatAPolicySays_PassesThrough()
    {
        IAddressPolicy guarded = GuardedPolicy.Wrap(
            new MoodyPolicy { Verdict = AddressVerdict.Documentation }, _reported.Add);
        Assert.Equal(AddressVerdict.Documentation, guarded.Check(Somewhere));
        Assert.Empty(_reported);
    }

    [Fact]
    public void WhatAPolicyThrows_IsReportedAndRefuses()
    {
        var fault = new NotSupportedException("not today");
        IAddressPolicy guarded = GuardedPolicy.Wrap(new MoodyPolicy { Fault = fault }, _reported.Add);
        Assert.Equal(AddressVerdict.Blocked, guarded.Check(Somewhere));
        Assert.Equal([fault], _reported);
    }

    [Fact]
    public void ABrokenInvariant_PassesTheGuard()
    {
        IAddressPolicy guarded = GuardedPolicy.Wrap(
            new MoodyPolicy { Fault = new InvariantException("broken") }, _reported.Add);
        Assert.Throws<InvariantException>(() => guarded.Check(Somewhere));
        Assert.Empty(_reported);
    }

    [Fact]
    public void AnOutbox_GuardsItsPolicy()
    {
        var fault = new NotSupportedException("not today");
        var policy = new MoodyPolicy { Fault = fault };
        var outbox = new Outbox(1, Outbox.DatagramSizeMax, policy);

        // Without a node there is nobody to report to.
        Assert.Same(fault, Assert.Throws<NotSupportedException>(() => outbox.Allows(Somewhere)));
        outbox.OnPolicyFault = _reported.Add;
        Assert.Equal(StageResult.Forbidden, outbox.TryReserve(Somewhere, out _));
        Assert.Equal([fault], _reported);
        policy.Fault = null;
        Assert.Equal(StageResult.Ready, outbox.TryReserve(Somewhere, out _));
    }

    private sealed class MoodyPolicy : IAddressPolicy
    {
        public Exception? Fault { get; set; }

        public AddressVerdict Verdict { get; init; }

        public AddressVerdict Check(in Endpoint endpoint) => Fault != null ? throw Fault : Verdict;
    }
}
