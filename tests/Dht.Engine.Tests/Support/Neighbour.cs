using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Testing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Support;

/// <summary>A scripted node around the node under test, and what a test may change about it.</summary>
internal sealed class Neighbour(SimulatedNode node)
{
    public SimulatedNode Node => node;

    public Endpoint Endpoint { get; } = node.Endpoint;

    /// <summary>The id that the others know it by.</summary>
    public NodeId Id { get; set; } = node.Id;

    /// <summary>The id that it answers with.</summary>
    public NodeId AnsweringId { get; set; } = node.Id;

    public IpFamily Family => Endpoint.Family;

    public CompactNode Contact => new(Id, Endpoint);

    public bool IsDead
    {
        get => !node.IsAlive;
        set
        {
            if (value)
            {
                node.Network.Kill(node);
            }
            else
            {
                node.Network.Revive(node);
            }
        }
    }

    /// <summary>Whether it answers every announcement with error 203.</summary>
    public bool Refuses { get; set; }

    /// <summary>So many queries for contacts or peers more are answered with <see cref="ErrorCode"/>.</summary>
    public int RefusalsLeft { get; set; }

    /// <summary>So many announcements more are answered with <see cref="ErrorCode"/>.</summary>
    public int AnnouncementRefusalsLeft { get; set; }

    /// <summary>
    /// A query that comes sooner than this after the one before, or is the first, is refused. Goes by
    /// <see cref="AskedAt"/>.
    /// </summary>
    public TimeSpan Pause { get; set; }

    /// <summary>By how much each of its answers comes later than the link alone would bring it.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>With what it refuses; 0 leaves the code out.</summary>
    public int ErrorCode { get; set; } = 201;

    /// <summary>When it was asked, if that is recorded: all queries, refused ones too.</summary>
    public List<Instant> AskedAt { get; } = [];

    /// <summary>Whether its answers carry no token.</summary>
    public bool GivesNoToken { get; set; }

    /// <summary>Whether it gives a token of its own the first time that it is not the right one later.</summary>
    public bool ChangesToken { get; set; }

    /// <summary>Whether it gives tokens of 65 bytes.</summary>
    public bool HasLongToken { get; set; }

    /// <summary>The neighbours that it knows; null means all.</summary>
    public int[]? Table { get; set; }
}
