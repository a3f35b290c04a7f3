namespace Dht.Cli.Output;

/// <summary>
/// What is to be written to a stream whose reader may be slow, or may have stopped reading: a thread of its own writes
/// it, so that nobody else waits for the reader unless it wants to.
/// </summary>
/// <remarks>Thread-safe. The bound is in bytes; a text is taken whole or not at all.</remarks>
internal sealed class OutputQueue
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly object _gate = new();
    private readonly Queue<byte[]> _texts = new();
    private readonly string _name;
    private readonly Func<Stream> _open;
    private readonly int _bytesMax;
    private readonly Func<long, byte[]>? _describeDropped;
    private Thread? _thread;
    private int _bytes;
    private bool _isWriting;
    private long _dropped;
    private Exception? _fault;

    /// <param name="name">The name of the thread.</param>
    /// <param name="open">Where the texts go.</param>
    /// <param name="bytesMax">How many bytes may wait.</param>
    /// <param name="describeDropped">
    /// Says in the stream, once there is room again, how many texts are missing there; null says nothing.
    /// </param>
    public OutputQueue(string name, Func<Stream> open, int bytesMax, Func<long, byte[]>? describeDropped = null)
    {
        _name = name;
        _open = open;
        _bytesMax = bytesMax;
        _describeDropped = describeDropped;
    }

    /// <summary>Why nothing can be written any more; null while it can.</summary>
    public Exception? Fault
    {
        get
        {
            lock (_gate)
            {
                return _fault;
            }
        }
    }

    /// <summary>Adds a text if there is room; otherwise it is dropped and counted. Does not wait.</summary>
    /// <param name="text">The bytes; owned by the queue from now on.</param>
    /// <param name="always">Whether room is made for it beyond the bound: for the few that end a run.</param>
    public void AddOrDrop(byte[] text, bool always = false)
    {
        lock (_gate)
        {
            if (_fault != null)
            {
                return;
            }

            if (!always && !HasRoom(text))
            {
                _dropped++;
                return;
            }

            if (_dropped > 0 && _describeDropped != null)
            {
                Enqueue(_describeDropped(_dropped));
                _dropped = 0;
            }

            Enqueue(text);
        }
    }

    /// <summary>
    /// Adds a text as soon as there is room. False when it cannot be written, or when the time is up before.
    /// </summary>
    /// <param name="text">The bytes; owned by the queue from now on.</param>
    /// <param name="timeLeft">How long it may still wait; asked again and again.</param>
    public bool Add(byte[] text, Func<TimeSpan> timeLeft)
    {
        lock (_gate)
        {
            while (_fault == null && !HasRoom(text))
            {
                if (timeLeft() <= TimeSpan.Zero)
                {
                    return false;
                }

                Monitor.Wait(_gate, LookInterval);
            }

            if (_fault == null)
            {
                Enqueue(text);
            }

            return _fault == null;
        }
    }

    /// <summary>Waits until all is written or cannot be; false when the time is up before.</summary>
    /// <param name="timeLeft">How long it may still wait; asked again and again.</param>
    public bool Drain(Func<TimeSpan> timeLeft)
    {
        lock (_gate)
        {
            while (_fault == null && (_texts.Count > 0 || _isWriting))
            {
                if (timeLeft() <= TimeSpan.Zero)
                {
                    return false;
                }

                Monitor.Wait(_gate, LookInterval);
            }

            return true;
        }
    }

    // The first is always taken, however long it is.
    private bool HasRoom(byte[] text) => _bytes == 0 || _bytes + text.Length <= _bytesMax;

    private void Enqueue(byte[] text)
    {
        _texts.Enqueue(text);
        _bytes += text.Length;
        if (_thread == null)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = _name };
            _thread.Start();
        }

        Monitor.PulseAll(_gate);
    }

    private void Run()
    {
        try
        {
            Stream stream = _open();
            while (true)
            {
                byte[] text = Take();
                stream.Write(text);
                stream.Flush();
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            lock (_gate)
            {
                _fault = fault;
                _texts.Clear();
                _isWriting = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private byte[] Take()
    {
        lock (_gate)
        {
            _isWriting = false;
            Monitor.PulseAll(_gate);
            while (_texts.Count == 0)
            {
                Monitor.Wait(_gate);
            }

            byte[] text = _texts.Dequeue();
            _bytes -= text.Length;
            _isWriting = true;
            return text;
        }
    }
}
