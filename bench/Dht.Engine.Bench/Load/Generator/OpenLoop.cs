using System.Diagnostics;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// Asks at an even rate, whatever the server does. A query's time is the one it was scheduled for, so that a server
/// that stalls, or a generator that was held up, is charged for every query that had to wait.
/// </summary>
internal sealed class OpenLoop
{
    // At 150,000 queries a second a query may be answered nearly two seconds late until its slot is taken again.
    private const int FlightBits = 18;

    private static readonly long DrainTime = Stopwatch.Frequency / 2;

    private readonly LoadOrder _order;
    private readonly QuerySocket[] _sockets;
    private readonly Measurement _measurement;
    private readonly AnswerReader _reader = new();
    private readonly FlightTable _flights = new(FlightBits);
    private readonly double _ticksPerQuery;
    private long _startedAt;
    private long _beginAt;
    private long _asked;
    private long _total = long.MaxValue;
    private int _socket;

    public OpenLoop(LoadOrder order, QuerySocket[] sockets, Measurement measurement)
    {
        _order = order;
        _sockets = sockets;
        _measurement = measurement;
        _ticksPerQuery = Stopwatch.Frequency / order.Rate;
    }

    public void Run()
    {
        _startedAt = Stopwatch.GetTimestamp();
        _beginAt = _startedAt + (long)(_order.WarmUp * Stopwatch.Frequency);
        long endAt = long.MaxValue;
        bool hasEnded = false;
        while (true)
        {
            long now = Stopwatch.GetTimestamp();
            if (endAt == long.MaxValue && now >= _beginAt)
            {
                // From now on, however late that is: the measurement has its full length also when the generator was
                // held up.
                _beginAt = now;
                endAt = now + (long)(_order.Seconds * Stopwatch.Frequency);
                _total = (long)((endAt - _startedAt) / _ticksPerQuery);
                _measurement.Begin(now);
            }

            if (!hasEnded && now >= endAt)
            {
                _measurement.End(now);
                hasEnded = true;
            }

            // What was due in time is asked even if it is too late, and waited for: to leave it out would flatter.
            if (hasEnded
                && ((_asked >= _total && _measurement.Answered >= _measurement.Sent) || now - endAt > DrainTime))
            {
                _measurement.Sent += _total - _asked;
                return;
            }

            bool any = AskWhatIsDue(now);
            if (!Receive() && !any && _order.Yields)
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>At most one batch over one socket; the next goes over the next.</summary>
    private bool AskWhatIsDue(long now)
    {
        long due = Math.Min((long)((now - _startedAt) / _ticksPerQuery) + 1, _total) - _asked;
        if (due <= 0)
        {
            return false;
        }

        QuerySocket socket = _sockets[_socket];
        _socket = _socket + 1 == _sockets.Length ? 0 : _socket + 1;
        for (long left = Math.Min(due, QuerySocket.BatchMax); left > 0; left--)
        {
            long scheduled = _startedAt + (long)(_asked * _ticksPerQuery);
            socket.Stage(_flights.Open((int)(_asked % _flights.SlotCount), scheduled));
            _asked++;
            if (scheduled >= _beginAt)
            {
                _measurement.Sent++;
                _measurement.CountLateness(now - scheduled);
            }
        }

        socket.Flush();
        return true;
    }

    private bool Receive()
    {
        bool any = false;
        foreach (QuerySocket socket in _sockets)
        {
            int count = socket.Receive();
            long now = count > 0 ? Stopwatch.GetTimestamp() : 0;
            any |= count > 0;
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> datagram = socket.Received(i);
                if (!_reader.TryRead(datagram, out uint transaction)
                    || !_flights.TryClose(transaction, out _, out long scheduled))
                {
                    _measurement.CountOther();
                }
                else if (scheduled >= _beginAt)
                {
                    _measurement.CountAnswer(now - scheduled, datagram.Length);
                }
            }
        }

        return any;
    }
}
