namespace Dht.Engine.Node;

/// <summary>
/// A lookup under way, for cancelling it. A value; it is void once its lookup has ended.
/// </summary>
/// <param name="Slot">Which place it holds.</param>
/// <param name="Generation">Which use of the place; 0 for no use.</param>
public readonly record struct LookupHandle(int Slot, uint Generation);
