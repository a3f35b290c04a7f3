using Dht.Engine.Identity;

namespace Dht.Engine.Node;

/// <summary>The contact that a query asks, if it is known: when it stays silent, that contact has failed.</summary>
internal readonly struct Expectation
{
    private readonly bool _insists;

    private Expectation(in NodeId id, bool insists)
    {
        Id = id;
        HasId = true;
        _insists = insists;
    }

    /// <summary>Any node that is at the endpoint.</summary>
    public static Expectation Anybody => default;

    /// <summary>Whether it is known which contact is asked.</summary>
    public bool HasId { get; }

    /// <summary>The id that the contact is known by, when <see cref="HasId"/>.</summary>
    public NodeId Id { get; }

    /// <summary>
    /// A contact known by an id. A response counts with any id: a lookup takes it from any node at the endpoint.
    /// </summary>
    public static Expectation Of(in NodeId id) => new(id, insists: false);

    /// <summary>A contact known by an id. A response counts only with this id.</summary>
    public static Expectation Only(in NodeId id) => new(id, insists: true);

    /// <summary>Whether a response with this id answers the query.</summary>
    public bool Accepts(in NodeId sender) => !_insists || sender == Id;
}
