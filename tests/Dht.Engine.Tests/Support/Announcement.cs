using Dht.Engine.Identity;

namespace Dht.Engine.Tests.Support;

/// <summary>An announcement that a neighbour accepted.</summary>
internal readonly record struct Announcement(Neighbour Neighbour, InfoHash InfoHash, ushort Port, bool IsImplied);
