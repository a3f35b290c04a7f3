using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Testing;

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

    /// <summary>Whether it gives tokens of 65 bytes.</summary>
    public bool HasLongToken { get; set; }

    /// <summary>The neighbours that it knows; null means all.</summary>
    public int[]? Table { get; set; }
}
