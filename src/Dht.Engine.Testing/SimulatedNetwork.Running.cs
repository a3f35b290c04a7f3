using Dht.Engine.Addressing;
using Dht.Engine.Testing.Simulation;
using Dht.Engine.Timing;

namespace Dht.Engine.Testing;

/// <content>The passing of time.</content>
public sealed partial class SimulatedNetwork
{
    private const int TicksAtOnceMax = 256;

    private bool _isRunning;

    /// <summary>Lets a span of virtual time pass.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    /// <exception cref="InvalidOperationException">The network runs already: a listener called this.</exception>
    public void Run(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        Instant end = Now + span;
        Begin();
        try
        {
            while (TryStep(end))
            {
            }
        }
        finally
        {
            _isRunning = false;
        }

        Pass(end);
    }

    /// <summary>Lets virtual time pass until something is the case.</summary>
    /// <param name="condition">Asked at the start, and again after everything that happens: keep it cheap.</param>
    /// <param name="limit">How long at most.</param>
    /// <returns>Whether it became the case; false when the limit came first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="InvalidOperationException">The network runs already: a listener called this.</exception>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.Zero);
        Instant end = Now + limit;
        Begin();
        try
        {
            while (!condition())
            {
                if (!TryStep(end))
                {
                    Pass(end);
                    return condition();
                }
            }

            return true;
        }
        finally
        {
            _isRunning = false;
        }
    }

    /// <summary>Lets the next thing happen: one datagram arrives, or one node ticks.</summary>
    /// <param name="limit">How long to wait for it at most.</param>
    /// <returns>
    /// Whether anything happened; false when nothing was due within the limit, which then has passed.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="InvalidOperationException">The network runs already: a listener called this.</exception>
    public bool Step(TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.Zero);
        Instant end = Now + limit;
        Begin();
        try
        {
            if (TryStep(end))
            {
                // What a listener staged leaves now, so that an observer sees it before the next step.
                SettleTouched();
                return true;
            }
        }
        finally
        {
            _isRunning = false;
        }

        Pass(end);
        return false;
    }

    /// <summary>Nothing more happens before the end; without an end, time stands still.</summary>
    private void Pass(Instant end) => Now = end == Instant.Never ? Now : end;

    private void Begin()
    {
        if (_isRunning)
        {
            throw new InvalidOperationException("The network runs already; a listener must not run it again.");
        }

        _isRunning = true;
    }

    /// <summary>Lets the next thing happen; false when it is due after the end.</summary>
    private bool TryStep(Instant end)
    {
        SettleTouched();
        if (_events.Count == 0 || _events.NextDue > end)
        {
            return false;
        }

        SimulationEvent next = _events.Take();
        Now = new Instant(next.Due);
        switch (next.Kind)
        {
            case SimulationEventKind.Arrival:
                Arrive(next.Subject);
                break;
            case SimulationEventKind.Tick:
                TickIfDue(_nodes[next.Subject]);
                break;
            default:
                Churn(next.Kind, next.Subject);
                break;
        }

        return true;
    }

    private void SettleTouched()
    {
        for (int i = 0; i < _touched.Count; i++)
        {
            // What a node does then may touch others: the list grows meanwhile.
            SimulatedNode node = _touched[i];
            if (node.IsTouched)
            {
                node.IsTouched = false;
                Collect(node);
            }
        }

        _touched.Clear();
    }

    private void Arrive(int handle)
    {
        DatagramHeader header = _underWay.Header(handle);
        SimulatedNode destination = _nodes[header.Destination];
        try
        {
            if (!destination.IsAlive)
            {
                _statistics.ToDead++;
            }
            else if (destination.Nat is { } nat && !nat.LetsIn(header.Source, Now))
            {
                _statistics.Filtered++;
            }
            else
            {
                ReadOnlySpan<byte> bytes = _underWay.Bytes(handle);
                _statistics.Delivered++;
                _statistics.BytesDelivered += bytes.Length;
                Trace(header, bytes);
                Touch(destination);
                Observer?.OnDelivered(header.From, destination, bytes);
                Deliver(destination, bytes, header.From);
                Settle(destination);
            }
        }
        finally
        {
            _underWay.Release(handle);
        }
    }

    private void Deliver(SimulatedNode destination, ReadOnlySpan<byte> bytes, in Endpoint from)
    {
        if (destination.Core is { } core)
        {
            core.Receive(bytes, from, Now);
        }
        else if (destination.Hostile is { } hostile)
        {
            hostile.Receive(bytes, from);
        }
        else if (destination.Crawl is { } crawl)
        {
            crawl.Crawler.Receive(bytes, from, Now);
        }
        else
        {
            Ask(destination, bytes, from);
        }
    }

    private void Trace(in DatagramHeader header, ReadOnlySpan<byte> bytes)
    {
        ulong family = header.From.Family == IpFamily.IPv6 ? 1ul : 0;
        _trace.Add((ulong)Now.Ticks);
        _trace.Add(((ulong)header.Source << 33) | ((ulong)header.Destination << 1) | family);
        _trace.Add(bytes);
        if (header.Source == NoNode)
        {
            Span<byte> from = stackalloc byte[Endpoint.CompactSizeIPv6];
            header.From.WriteCompact(from);
            _trace.Add(from);
        }
    }

    private void TickIfDue(SimulatedNode node)
    {
        if (node.ScheduledAt != Now)
        {
            // A tick that is due earlier has replaced this one.
            return;
        }

        node.ScheduledAt = Instant.Never;
        if (!node.IsAlive)
        {
            return;
        }

        Touch(node);
        Tick(node);
        Settle(node);
    }

    private void Tick(SimulatedNode node)
    {
        for (int ticks = 0; node.IsAlive && node.NextDeadline <= Now; ticks++)
        {
            if (ticks == TicksAtOnceMax)
            {
                throw new InvalidOperationException(
                    $"Seed {Options.Seed}: the deadline of {node} stays at {node.NextDeadline} though it is {Now}.");
            }

            _statistics.Ticks++;
            if (node.Core is { } core)
            {
                core.Tick(Now);
            }
            else if (node.Crawl is { } crawl)
            {
                crawl.Crawler.Tick(Now);
            }
            else
            {
                node.Hostile!.Tick(Now);
            }

            Flush(node);
        }
    }

    /// <summary>
    /// Ends what has happened to a node. Where code of a user throws this is not reached, so the node is still among
    /// those to be settled at the next step, and runs on.
    /// </summary>
    private void Settle(SimulatedNode node)
    {
        Collect(node);
        node.IsTouched = false;
        CheckStep(node);
    }

    /// <summary>
    /// Checks the state of the node that something has just happened to; only in a build with checks.
    /// </summary>
    partial void CheckStep(SimulatedNode node);

    /// <summary>Sends what a node has staged, and schedules its next tick.</summary>
    private void Collect(SimulatedNode node)
    {
        Flush(node);
        if (!node.IsAlive)
        {
            return;
        }

        // A tick that is too early costs little: it only looks again. So one that is in the queue is never put off.
        Instant due = node.NextDeadline;
        due = due < Now ? Now : due;
        if (due < node.ScheduledAt)
        {
            node.ScheduledAt = due;
            _events.Add(due, SimulationEventKind.Tick, node.Index);
        }
    }
}
