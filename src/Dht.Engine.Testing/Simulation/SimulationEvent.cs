namespace Dht.Engine.Testing.Simulation;

/// <summary>Something that happens at an instant.</summary>
/// <param name="Due">When, in ticks.</param>
/// <param name="Number">The how manieth event it was made as: what is due at one instant happens in that order.</param>
/// <param name="Subject">Which datagram, node, or use of the churn.</param>
/// <param name="Kind">What.</param>
internal readonly record struct SimulationEvent(long Due, long Number, int Subject, SimulationEventKind Kind);
