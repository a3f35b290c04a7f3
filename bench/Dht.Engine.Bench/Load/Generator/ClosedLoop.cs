using System.Diagnostics;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// Keeps a number of queries under way: each answer brings forth the next query, over the same socket. So it finds
/// what a server can do at most.
/// </summary>
internal sealed class ClosedLoop
{
    private static readonly long LostAfter = Stopwatch.Frequency;
    private static readonly long SweepInterval = Stopwatch.Frequency / 10;

    private readonly LoadOrder _order;
    private readonly QuerySocket[] _sockets;
    private readonly Measurement _measurement;
    private readonly AnswerReader _reader = new();
    private readonly FlightTable _flights;
    private long _now;
    private long _sweepAt;

    public ClosedLoop(LoadOrder order, QuerySocket[] sockets, Measurement measurement)
    {
        _order = order;
        _sockets = sockets;
        _measurement = measurement;
        int bits = 0;
        while (1 << bits < order.Window)
        {
            bits++;
        }

        _flights = new FlightTable(bits);
    }

    public void Run()
    {
        long startedAt = Stopwatch.GetTimestamp();
        long beginAt = startedAt + (long)(_order.WarmUp * Stopwatch.Frequency);
        long endAt = _order.Answers > 0 ? long.MaxValue : beginAt + (long)(_order.Seconds * Stopwatch.Frequency);
        bool hasBegun = false;
        _sweepAt = startedAt;
        while (true)
        {
            _now = Stopwatch.GetTimestamp();
            if (!hasBegun && _now >= beginAt)
            {
                _measurement.Begin(_now);
                hasBegun = true;
            }

            if (_now >= endAt || (hasBegun && _order.Answers > 0 && _measurement.Answered >= _order.Answers))
            {
                _measurement.End(_now);
                return;
            }

            if (_now >= _sweepAt)
            {
                AskAnewForLost();
                _sweepAt = _now + SweepInterval;
            }

            if (!Turn() && _order.Yields)
            {
                Thread.Yield();
            }
        }
    }

    private bool Turn()
    {
        bool any = false;
        foreach (QuerySocket socket in _sockets)
        {
            int count = socket.Receive();
            any |= count > 0;
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> datagram = socket.Received(i);
                if (_reader.TryRead(datagram, out uint transaction)
                    && _flights.TryClose(transaction, out int slot, out long sentAt))
                {
                    _measurement.CountAnswer(_now - sentAt, datagram.Length);
                    Ask(socket, slot);
                }
                else
                {
                    _measurement.CountOther();
                }
            }

            socket.Flush();
        }

        return any;
    }

    /// <summary>Asks in all slots whose query is lost, and at the start in all there are.</summary>
    private void AskAnewForLost()
    {
        for (int slot = 0; slot < _order.Window; slot++)
        {
            if (!_flights.IsOpen(slot) || _now - _flights.SentAt(slot) > LostAfter)
            {
                QuerySocket socket = _sockets[slot % _sockets.Length];
                Ask(socket, slot);
                if (socket.Staged == QuerySocket.BatchMax)
                {
                    socket.Flush();
                }
            }
        }

        foreach (QuerySocket socket in _sockets)
        {
            socket.Flush();
        }
    }

    private void Ask(QuerySocket socket, int slot)
    {
        socket.Stage(_flights.Open(slot, _now));
        _measurement.Sent++;
    }
}
