using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>How far the announcement to one of the nearest has come.</summary>
internal struct AnnouncedPlace
{
    /// <summary>Whether something is to be sent.</summary>
    public bool IsDue;

    /// <summary>Not before this.</summary>
    public Instant DueAt;

    /// <summary>Its queries that await their end.</summary>
    public byte Open;

    public byte Refusals;

    /// <summary>How often it could not be sent just then.</summary>
    public byte HoldUps;

    /// <summary>Whether it was sent.</summary>
    public bool IsSent;

    /// <summary>Whether it was sent again, because it was late.</summary>
    public bool IsRepeated;

    /// <summary>Whether the token is refused, and another is to be fetched first.</summary>
    public bool LacksToken;

    /// <summary>Whether another token was fetched.</summary>
    public bool IsRenewed;

    /// <summary>Whether nothing more is to be done.</summary>
    public bool IsDone;
}
