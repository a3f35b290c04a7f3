namespace Dht.Engine;

/// <summary>The one way into the loop from other threads: a bounded queue. Thread-safe; allocates only when made.</summary>
internal sealed class Mailbox
{
    private readonly Lock _gate = new();
    private readonly IEngineCall?[] _calls;
    private int _head;
    private volatile int _count;
    private bool _closed;

    public Mailbox(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _calls = new IEngineCall?[capacity];
    }

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Posts a call; false when the box is full or closed.</summary>
    public bool TryPost(IEngineCall call)
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

    public bool TryTake(out IEngineCall? call)
    {
        call = null;
        if (_count == 0)
        {
            return false;
        }

        lock (_gate)
        {
            call = _calls[_head];
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
