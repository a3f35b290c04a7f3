using Dht.Engine.Timing;

namespace Dht.Engine.Testing.Simulation;

/// <summary>
/// What is to happen, the earliest first: a heap with four children per place, in one array. Two events of one
/// instant come out in the order in which they went in. Allocates only to grow; one thread.
/// </summary>
internal sealed class EventQueue
{
    private const int Arity = 4;

    private SimulationEvent[] _heap = new SimulationEvent[1024];
    private long _number;

    public int Count { get; private set; }

    /// <summary>When the first is due, or never.</summary>
    public Instant NextDue => Count > 0 ? new Instant(_heap[0].Due) : Instant.Never;

    public void Add(Instant due, SimulationEventKind kind, int subject)
    {
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, _heap.Length * 2);
        }

        var added = new SimulationEvent(due.Ticks, _number++, subject, kind);
        int place = Count++;
        while (place > 0)
        {
            int parent = (place - 1) / Arity;
            if (!IsBefore(added, _heap[parent]))
            {
                break;
            }

            _heap[place] = _heap[parent];
            place = parent;
        }

        _heap[place] = added;
    }

    /// <summary>Takes the first out; there is one.</summary>
    public SimulationEvent Take()
    {
        SimulationEvent first = _heap[0];
        SimulationEvent last = _heap[--Count];
        SimulationEvent[] heap = _heap;
        int place = 0;
        for (int child = 1; child < Count; child = (place * Arity) + 1)
        {
            int least = child;
            int end = Math.Min(child + Arity, Count);
            for (int i = child + 1; i < end; i++)
            {
                least = IsBefore(heap[i], heap[least]) ? i : least;
            }

            if (!IsBefore(heap[least], last))
            {
                break;
            }

            heap[place] = heap[least];
            place = least;
        }

        heap[place] = last;
        return first;
    }

    private static bool IsBefore(in SimulationEvent left, in SimulationEvent right) =>
        left.Due != right.Due ? left.Due < right.Due : left.Number < right.Number;
}
