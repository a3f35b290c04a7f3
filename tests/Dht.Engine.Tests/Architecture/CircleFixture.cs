namespace Dht.Engine.Tests.Architecture;

/// <summary>
/// Three types that use each other in a circle, by a call, a property and a base type, and one beside them that only
/// uses.
/// </summary>
internal static class CircleFixture
{
    public interface IFirst
    {
        string Name => Second.Create();
    }

    public static class Second
    {
        public static string Create() => new Third().Back?.Name ?? "";
    }

    public class Third : IFirst
    {
        public IFirst? Back { get; init; }
    }

    public sealed class Beside
    {
        public IFirst? Only { get; init; }
    }
}
