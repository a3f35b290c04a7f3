using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <summary>What a table knows of a contact beside its address.</summary>
internal struct ContactHealth
{
    /// <summary>When it last answered.</summary>
    public Instant SeenAt;

    /// <summary>When it last answered or was last offered for a ping.</summary>
    public Instant NoticedAt;

    /// <summary>Queries in a row that it left unanswered.</summary>
    public int Failures;
}
