namespace Dht.Engine.Bench.Load;

/// <summary>An argument is wrong; the message is a line for people.</summary>
internal sealed class LoadUsageException(string message) : Exception(message);
