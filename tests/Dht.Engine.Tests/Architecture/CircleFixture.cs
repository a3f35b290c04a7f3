namespace Dht.Engine.Tests.Architecture.InCircle;

/// <summary>Three that use each other in a circle, by a field, a call and a nested type, and one beside them that only uses.</summary>
internal sealed class First
{
    private readonly Second? _second = null;

    public override string ToString() => $"{_second}";
}

internal sealed class Second
{
    public override string ToString() => Third.Create();
}

internal static class Third
{
    public static string Create() => new Nested().Back?.ToString() ?? "";

    private sealed class Nested
    {
        public First? Back { get; init; }
    }
}

internal sealed class Beside
{
    public First? Only { get; init; }
}
