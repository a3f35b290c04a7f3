using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// How many bytes of answers leave in a second: all together, and to one IPv4 /24 or IPv6 /48, beyond which only those
/// of its addresses are answered that have proved themselves. Whoever forges all addresses of a network could otherwise
/// have so much sent to each.
/// </summary>
/// <remarks>
/// A quarter of what may leave at once stays for those that have proved themselves, and those of one network have an
/// eighth of all: proofs are had for the asking by whoever has a network. Over IPv6 a proof is good for a /48, whose
/// addresses are all of one hand. Local addresses are exempt: nobody forges them from outside. Allocates only when
/// created; one thread.
/// </remarks>
internal sealed class AnswerBudget
{
    // The allowance of a network is counted in units of so many bytes: coarse enough for the clock's ticks.
    private const int UnitSize = 64;

    // Three seconds' worth, and so what one address may get at once.
    private const int BurstSeconds = 3;

    private const int ProvenShare = 8;

    // Half an hour: contacts are pinged twice as often.
    private const double ProofsPerSecond = 1.0 / 1_800;

    private readonly bool _isUnlimited;
    private readonly AddressThrottle _networks;
    private readonly AddressThrottle _provenOfNetworks;

    // Who has proved itself has used up its allowance of one proof: that is what is remembered, for as long.
    private readonly AddressThrottle _proofs;
    private readonly double _reserve;
    private TokenBucket _all;

    /// <param name="options">The limits.</param>
    /// <param name="remembered">How many proven addresses; a quarter as many networks.</param>
    /// <param name="hasher">With a random key.</param>
    public AnswerBudget(NodeOptions options, int remembered, EndpointHasher hasher)
    {
        // Without a limit for one address, as in a load test, there is none for many.
        _isUnlimited = options.AnswersPerSecondPerAddress <= 0;
        double perSecond = options.AnswerBytesPerSecond;
        double units = options.AnswerBytesPerSecondPerNetwork / UnitSize;
        int burst = (int)Math.Clamp(BurstSeconds * units, 1, int.MaxValue);
        _all = new TokenBucket(perSecond, perSecond);
        _reserve = perSecond / 4;
        int networks = Math.Max(16, remembered / 4);
        double provenUnits = perSecond / ProvenShare / UnitSize;
        int provenBurst = (int)Math.Clamp(BurstSeconds * provenUnits, 1, int.MaxValue);
        _networks = new AddressThrottle(_isUnlimited ? 0 : units, burst, networks, hasher);
        _provenOfNetworks = new AddressThrottle(_isUnlimited ? 0 : provenUnits, provenBurst, networks, hasher);
        _proofs = new AddressThrottle(_isUnlimited ? 0 : ProofsPerSecond, burst: 1, remembered, hasher);
    }

    /// <summary>Whether an asker may be answered now; follow with <see cref="Charge"/> when it is.</summary>
    public bool HasRoom(in Endpoint asker, Instant now, out AnswerCharge charge)
    {
        charge = default;
        if (_isUnlimited)
        {
            return true;
        }

        // Nearly all have room without any proof, and then none is looked for.
        if (_all.Holds(_reserve, now)
            && _networks.HasRoom(NetworkOf(asker), now, out ulong network))
        {
            charge = new AnswerCharge(network, _networks);
            return true;
        }

        if (IsProven(asker, now) && _all.Holds(0, now)
            && _provenOfNetworks.HasRoom(NetworkOf(asker), now, out network))
        {
            charge = new AnswerCharge(network, _provenOfNetworks);
            return true;
        }

        return asker.IsLocal();
    }

    /// <summary>Counts an answer.</summary>
    public void Charge(in AnswerCharge charge, int bytes, Instant now)
    {
        if (charge.Allowances != null)
        {
            _all.Spend(bytes);
            charge.Allowances.Charge(charge.NetworkHash, (bytes + UnitSize - 1) / UnitSize, now);
        }
    }

    /// <summary>Notes that an address hears us: it answered a query of ours, or showed a token.</summary>
    public void NoteProof(in Endpoint asker, Instant now)
    {
        if (!_isUnlimited)
        {
            Endpoint holder = HolderOf(asker);
            _proofs.Forget(holder);
            _proofs.TryPass(holder, now);
        }
    }

    private bool IsProven(in Endpoint asker, Instant now) => !_proofs.HasRoom(HolderOf(asker), now);

    private static Endpoint HolderOf(in Endpoint asker) => asker.IsIPv6 ? NetworkOf(asker) : asker;

    // Whether an address is local is asked only where there is no room, which is rare.
    private static Endpoint NetworkOf(in Endpoint endpoint) => endpoint.IsIPv6
        ? Endpoint.FromIPv6(endpoint.UpperBits & ~0xFFFFul, 0, 0)
        : Endpoint.FromIPv4(endpoint.IPv4Bits & ~0xFFu, 0);
}
