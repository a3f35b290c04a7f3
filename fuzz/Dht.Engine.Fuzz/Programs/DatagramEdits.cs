using Dht.Engine.Fuzz.Targets;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>Changes that are kept until the next datagram is made, and spoil it.</summary>
internal sealed class DatagramEdits
{
    private const int Max = 8;

    private readonly Command[] _edits = new Command[Max];
    private readonly Mutation.InputBuffer _buffer = new(1400);
    private int _count;

    /// <summary>Forgets all.</summary>
    public void Reset() => _count = 0;

    /// <summary>Keeps one; beyond eight they are dropped.</summary>
    public void Add(Command edit)
    {
        if (_count < Max)
        {
            _edits[_count++] = edit;
        }
    }

    /// <summary>The datagram with all changes made, which are forgotten then. Lives until the next call.</summary>
    public ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> datagram)
    {
        if (_count == 0)
        {
            return datagram;
        }

        _buffer.Load(datagram);
        for (int i = 0; i < _count; i++)
        {
            Apply(_edits[i]);
        }

        _count = 0;
        return _buffer.Bytes;
    }

    private void Apply(Command edit)
    {
        if (_buffer.Length == 0)
        {
            return;
        }

        // The argument counts from the start or from the end, where the keys are that every message has.
        int at = edit.A < 128 ? Math.Min(edit.A, _buffer.Length - 1) : Math.Max(0, _buffer.Length - (256 - edit.A));
        switch (edit.B % 6)
        {
            case 0:
                _buffer.Bytes[at] = edit.C;
                break;
            case 1:
                _buffer.Bytes[at] ^= (byte)(1 << (edit.C & 7));
                break;
            case 2:
                _buffer.Replace(at, 0, [edit.C]);
                break;
            case 3:
                _buffer.Replace(at, 1 + (edit.C & 31), default);
                break;
            case 4:
                _buffer.Truncate(at);
                break;
            default:
                _buffer.Replace(at, edit.B > 127 ? 3 : 0, KrpcSeeds.Words[edit.C % KrpcSeeds.Words.Count]);
                break;
        }
    }
}
