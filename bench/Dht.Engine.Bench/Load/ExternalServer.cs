namespace Dht.Engine.Bench.Load;

/// <summary>A foreign echo that takes part.</summary>
/// <param name="Name">What its row is called.</param>
/// <param name="Command">A program and its arguments, with {port}, {reply} and {seconds} to be replaced.</param>
internal sealed record ExternalServer(string Name, string Command);
