using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Testing.Simulation;
using Dht.Engine.Timing;

namespace Dht.Engine.Testing;

/// <content>What becomes of a datagram on its way.</content>
public sealed partial class SimulatedNetwork
{
    private static readonly TimeSpan UplinkQueueMax = TimeSpan.FromSeconds(1);

    /// <summary>Chance says yes in this share of the cases; where it is none, nothing is drawn.</summary>
    private bool Happens(double share) => share > 0 && PortableMath.Uniform(_random.NextUInt64()) < share;

    private void Send(SimulatedNode node)
    {
        Outbox outbox = node.Outbox;
        if (outbox.Count == 0)
        {
            return;
        }

        for (int i = 0; i < outbox.Count && node.IsAlive; i++)
        {
            Send(node, outbox.Destination(i), outbox.Datagram(i));
        }

        outbox.Clear();
    }

    private void Send(SimulatedNode source, in Endpoint destination, ReadOnlySpan<byte> bytes)
    {
        _statistics.Sent++;
        if (!TryLeave(source, bytes.Length, out TimeSpan delay))
        {
            _statistics.Overflowed++;
            return;
        }

        if (!_byEndpoint.TryGet(destination, out int index) || source.EndpointOf(destination.Family).Family == IpFamily.None)
        {
            _statistics.Unreachable++;
            return;
        }

        source.Nat?.NoteSent(index, Now);
        if (source.Side != _nodes[index].Side)
        {
            _statistics.CutOff++;
            return;
        }

        if (Happens(Link.Loss))
        {
            _statistics.Lost++;
            return;
        }

        delay += OneWay(source.Index, index);
        if (Happens(Link.Reordering))
        {
            _statistics.Reordered++;
            delay += Upto(Link.DelayMax);
        }

        var header = new DatagramHeader { Source = source.Index, Destination = index, Family = destination.Family };
        PutUnderWay(header, bytes, delay);
        if (Happens(Link.Duplication))
        {
            _statistics.Duplicated++;
            PutUnderWay(header, bytes, delay + Upto(Link.DelayMax));
        }
    }

    /// <summary>Whether a datagram gets out of its node, and how long that takes.</summary>
    private bool TryLeave(SimulatedNode source, int length, out TimeSpan delay)
    {
        delay = source.Kind == SimulatedNodeKind.Tarpit ? TarpitDelay : TimeSpan.Zero;
        int rate = source.Options.UplinkBytesPerSecond;
        if (rate == 0)
        {
            return true;
        }

        Instant from = source.UplinkFreeAt > Now ? source.UplinkFreeAt : Now;
        if (from - Now > UplinkQueueMax)
        {
            return false;
        }

        source.UplinkFreeAt = from + TimeSpan.FromTicks(length * TimeSpan.TicksPerSecond / rate);
        delay += source.UplinkFreeAt - Now;
        return true;
    }

    private TimeSpan OneWay(int source, int destination)
    {
        ulong pair = ((ulong)Math.Min(source, destination) << 32) | (uint)Math.Max(source, destination);
        ulong chance = Link.Latency.Jitter > 0 ? _random.NextUInt64() : 0;
        return Link.Latency.OneWay(SeededRandomSource.Mix(_pairSeed ^ SeededRandomSource.Mix(pair)), chance);
    }

    private TimeSpan Upto(TimeSpan most) => TimeSpan.FromTicks((long)(most.Ticks * PortableMath.Uniform(_random.NextUInt64())));

    private void PutUnderWay(in DatagramHeader header, ReadOnlySpan<byte> bytes, TimeSpan delay)
    {
        if (_underWay.Count >= Options.InFlightMax)
        {
            _statistics.Overflowed++;
            return;
        }

        _events.Add(Now + delay, SimulationEventKind.Arrival, _underWay.Add(header, bytes));
        _statistics.InFlightMost = Math.Max(_statistics.InFlightMost, _underWay.Count);
    }
}
