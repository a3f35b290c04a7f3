// Shapes to render, not to use.
#pragma warning disable CA1036, CA1044, CA1051, CA1070, CA1000, CA1034, CA1028, CA1003, CA1024

namespace Dht.Engine.Tests.Architecture;

/// <summary>Rendered by <see cref="PublicSurfaceTests"/>: a bit of everything.</summary>
public class SurfaceFixture<T> : IComparable
    where T : struct
{
    public const int Size = 20;

    private readonly T _value;

    public SurfaceFixture(T value) => _value = value;

    public delegate bool Done(object? sender);

    public event Action Finished = static () => { };

    public enum Kind : byte
    {
        Zero,
        One,
    }

    public required string? Name { get; init; }

    public int Weight { get; protected set; }

    internal int Hidden { get; set; }

    public T this[int index] => _value;

    public static SurfaceFixture<T> Make() => new(default) { Name = null };

    public bool TryGet(in Guid key, out string? value, bool deep = true)
    {
        value = deep ? key.ToString() : null;
        Finished();
        return deep;
    }

    public TItem Pick<TItem>(ReadOnlySpan<TItem> items, int? index = null)
        where TItem : IDisposable => items[index ?? Hidden];

    public override string ToString() => Name ?? "";

    int IComparable.CompareTo(object? obj) => 0;

    protected virtual void Hook(params int[] values) => Weight = values.Length;
}
