namespace Dht.Engine.Testing.Simulation;

/// <summary>What can happen in a simulation.</summary>
internal enum SimulationEventKind : byte
{
    Arrival,
    Tick,
    Leave,
    Join,
}
