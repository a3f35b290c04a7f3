using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Testing.Simulation;
using Dht.Engine.Timing;

namespace Dht.Engine.Testing;

/// <content>What becomes of a datagram on its path.</content>
public sealed partial class SimulatedNetwork
{
    private static readonly TimeSpan UplinkQueueMax = TimeSpan.FromSeconds(1);

    /// <summary>The index of a source where no node lives.</summary>
    private const int NoNode = -1;

    /// <summary>True with this probability. A probability of 0 draws no number.</summary>
    private bool Happens(double share) => share > 0 && PortableMath.Uniform(_random.NextUInt64()) < share;

    private void Flush(SimulatedNode node)
    {
        if (node.Outbox is not { Count: > 0 } outbox || node.IsStalled)
        {
            return;
        }

        try
        {
            for (int i = 0; i < outbox.Count && node.IsAlive; i++)
            {
                if (node.Gate?.LetsOut(Now) == false)
                {
                    _statistics.Refused++;
                    outbox.Refuse(i);
                    continue;
                }

                SendFrom(node, outbox.Destination(i), outbox.Datagram(i), TimeSpan.Zero);
            }
        }
        finally
        {
            outbox.Clear();
        }

        outbox.ReportRefused(Now);
    }

    internal void SendFrom(
        SimulatedNode source, in Endpoint destination, ReadOnlySpan<byte> bytes, TimeSpan delay)
    {
        if (TryLeave(source, bytes.Length, out TimeSpan wait))
        {
            PutOnPath(source.Index, source.EndpointOf(destination.Family), destination, bytes, delay + wait);
            return;
        }

        _statistics.Sent++;
        _statistics.Overflowed++;
        Observer?.OnSent(source.EndpointOf(destination.Family), destination, bytes);
    }

    /// <summary>Puts a datagram on its path.</summary>
    /// <param name="source">Index of the node that it comes from, or <see cref="NoNode"/>.</param>
    /// <param name="from">Its endpoint.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="bytes">The datagram.</param>
    /// <param name="delay">How long it takes to leave.</param>
    private void PutOnPath(
        int source, in Endpoint from, in Endpoint destination, ReadOnlySpan<byte> bytes, TimeSpan delay)
    {
        _statistics.Sent++;
        Observer?.OnSent(from, destination, bytes);
        if (!_byEndpoint.TryGet(destination, out int index) || from.Family == IpFamily.None)
        {
            _statistics.Unreachable++;
            return;
        }

        SimulatedNode? sender = source == NoNode ? null : _nodes[source];
        sender?.Nat?.NoteSent(index, Now);
        if ((sender?.Side ?? 0) != _nodes[index].Side)
        {
            _statistics.CutOff++;
            return;
        }

        if (Happens(Link.Loss))
        {
            _statistics.Lost++;
            return;
        }

        delay += OneWay(source, index);
        if (Happens(Link.Reordering))
        {
            _statistics.Reordered++;
            delay += Upto(Link.DelayMax);
        }

        var header = new DatagramHeader { Source = source, Destination = index, From = from };
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

    private TimeSpan Upto(TimeSpan most) =>
        TimeSpan.FromTicks((long)(most.Ticks * PortableMath.Uniform(_random.NextUInt64())));

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
