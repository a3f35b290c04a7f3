namespace Dht.Engine.Fuzz.Mutation;

/// <summary>An input in the making. What grows beyond the longest input is cut.</summary>
internal sealed class InputBuffer(int lengthMax)
{
    private readonly byte[] _bytes = new byte[lengthMax];
    private readonly byte[] _moved = new byte[lengthMax];

    /// <summary>Its length now.</summary>
    public int Length { get; private set; }

    /// <summary>The input, to be changed in place.</summary>
    public Span<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>Begins with an input as it is.</summary>
    public void Load(ReadOnlySpan<byte> input)
    {
        Length = Math.Min(input.Length, _bytes.Length);
        input[..Length].CopyTo(_bytes);
    }

    /// <summary>Cuts the end off.</summary>
    public void Truncate(int length) => Length = Math.Min(length, Length);

    /// <summary>Puts bytes in the place of others.</summary>
    /// <param name="at">Where, at most <see cref="Length"/>.</param>
    /// <param name="removed">How many go; fewer if there are not as many.</param>
    /// <param name="inserted">What comes; not a part of this buffer.</param>
    public void Replace(int at, int removed, ReadOnlySpan<byte> inserted)
    {
        removed = Math.Min(removed, Length - at);
        inserted = inserted[..Math.Min(inserted.Length, _bytes.Length - at)];
        int tail = Math.Min(Length - at - removed, _bytes.Length - at - inserted.Length);
        _bytes.AsSpan(at + removed, tail).CopyTo(_bytes.AsSpan(at + inserted.Length));
        inserted.CopyTo(_bytes.AsSpan(at));
        Length = at + inserted.Length + tail;
    }

    /// <summary>Puts a copy of a part of it elsewhere, over what is there or between.</summary>
    public void Repeat(int from, int length, int at, bool over)
    {
        Span<byte> copy = _moved.AsSpan(0, length);
        _bytes.AsSpan(from, length).CopyTo(copy);
        Replace(at, over ? length : 0, copy);
    }
}
