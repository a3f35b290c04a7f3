namespace Dht.Engine.Bench.Load;

/// <summary>The load test cannot go on; the message is a line for people.</summary>
internal sealed class LoadFailureException(string message) : Exception(message);
