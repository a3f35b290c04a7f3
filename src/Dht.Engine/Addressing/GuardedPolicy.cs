using Dht.Engine.Invariants;

namespace Dht.Engine.Addressing;

/// <summary>
/// A user's policy behind a guard: what it throws is reported, and the endpoint counts as
/// <see cref="AddressVerdict.Blocked"/>.
/// </summary>
internal sealed class GuardedPolicy : IAddressPolicy
{
    private readonly IAddressPolicy _policy;
    private readonly Action<Exception> _report;

    private GuardedPolicy(IAddressPolicy policy, Action<Exception> report)
    {
        _policy = policy;
        _report = report;
    }

    /// <summary>
    /// Puts a guard before a policy, unless it is one of ours, which do not throw, or has a guard already.
    /// </summary>
    /// <param name="policy">The policy.</param>
    /// <param name="report">Receives what it throws, on the thread that asked; must not throw.</param>
    public static IAddressPolicy Wrap(IAddressPolicy policy, Action<Exception> report) =>
        policy is AddressPolicy or GuardedPolicy ? policy : new GuardedPolicy(policy, report);

    public AddressVerdict Check(in Endpoint endpoint)
    {
        try
        {
            return _policy.Check(endpoint);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            return AddressVerdict.Blocked;
        }
    }
}
