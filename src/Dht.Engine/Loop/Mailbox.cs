using System.Diagnostics.CodeAnalysis;

namespace Dht.Engine;

/// <summary>A bounded queue of calls from other threads. Thread-safe; allocates only when created.</summary>
internal sealed partial class Mailbox
{
    private readonly Lock _gate = new();
    private readonly ILoopCall?[] _calls;
    private int _head;
    private volatile int _count;
    private bool _closed;

    public Mailbox(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _calls = new ILoopCall?[capacity];
    }

    /// <summary>Whether no call waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Posts a call; false when the box is full or closed.</summary>
    public bool TryPost(ILoopCall call)
    {
        lock (_gate)
        {
            if (_closed || _count == _calls.Length)
            {
                return false;
            }

            _calls[(_head + _count) % _calls.Length] = call;
            _count++;
            return true;
        }
    }

    /// <summary>Takes out the call that has waited longest. One thread at a time.</summary>
    public bool TryTake([NotNullWhen(true)] out ILoopCall? call)
    {
        call = null;
        if (_count == 0)
        {
            return false;
        }

        lock (_gate)
        {
            call = _calls[_head]!;
            _calls[_head] = null;
            _head = (_head + 1) % _calls.Length;
            _count--;
            return true;
        }
    }

    /// <summary>From now on nothing can be posted.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }
}
