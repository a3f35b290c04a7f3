namespace Dht.Engine.Node;

/// <summary>
/// A lookup under way, for cancelling it. A value; one whose lookup has ended means nothing any more.
/// </summary>
/// <param name="Slot">Which place it holds.</param>
/// <param name="Generation">Which use of the place; 0 is none.</param>
public readonly record struct LookupHandle(int Slot, uint Generation);
