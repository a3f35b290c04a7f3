using Dht.Engine.Identity;

namespace Dht.Engine;

/// <summary>What a ping brought.</summary>
/// <param name="Status">How it ended; the rest is meaningful when it was answered.</param>
/// <param name="Id">The id of the node.</param>
/// <param name="RoundTrip">From sending to receiving.</param>
/// <param name="Version">
/// <c>v</c> as four bytes in one number, most significant first; 0 when absent or of another length.
/// </param>
public readonly record struct PingResult(QueryStatus Status, NodeId Id, TimeSpan RoundTrip, uint Version);
