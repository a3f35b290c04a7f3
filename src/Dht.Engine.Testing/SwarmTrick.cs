namespace Dht.Engine.Testing;

/// <summary>
/// What a hostile node of a <see cref="LoopbackSwarm"/> does to those who ask it. A node keeps to one trick.
/// </summary>
public enum SwarmTrick : byte
{
    /// <summary>None: the node is not hostile.</summary>
    None,

    /// <summary>
    /// Contacts that do not exist: random ids at loopback addresses where no node of the swarm lives.
    /// </summary>
    InventedContacts,

    /// <summary>Contacts that all point at one address with many ports, with ids close to the target.</summary>
    VictimContacts,

    /// <summary>Random bytes instead of a message.</summary>
    Garbage,

    /// <summary>The first half of a valid reply.</summary>
    Truncated,

    /// <summary>A valid reply under a transaction id that was not asked for.</summary>
    WrongTransactionId,

    /// <summary>50 contacts, far more than a bucket holds.</summary>
    TooManyContacts,

    /// <summary>Contacts at private, unspecified and multicast addresses, and at port 0.</summary>
    BogonContacts,

    /// <summary>A valid reply that carries the id of another node.</summary>
    BorrowedId,

    /// <summary>Error 202, whatever the query.</summary>
    ServerError,

    /// <summary>Silence, but for every third query.</summary>
    EveryThird,

    /// <summary>One live contact, as often as a reply has room.</summary>
    RepeatedContact,

    /// <summary>A list of contacts whose length is no multiple of their size.</summary>
    RaggedContacts,

    /// <summary>A valid reply that carries the id of the node that asks.</summary>
    AskersId,

    /// <summary>Its own id at many loopback addresses where no node of the swarm lives.</summary>
    OneIdManyAddresses,

    /// <summary>Contacts that all point back at the node that asks, under random ids.</summary>
    AskerAsContact,

    /// <summary>The query itself, sent back.</summary>
    Reflected,
}
