namespace Dht.Engine.Testing.Simulation;

/// <summary>Something that happens at an instant.</summary>
/// <param name="Due">The instant, in ticks.</param>
/// <param name="Number">Creation sequence number; breaks ties at one instant.</param>
/// <param name="Subject">The datagram, the node, or the number of the churn.</param>
/// <param name="Kind">What happens.</param>
internal readonly record struct SimulationEvent(long Due, long Number, int Subject, SimulationEventKind Kind);
