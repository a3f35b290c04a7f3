namespace Dht.Engine.Rpc;

/// <summary>Whether a reply belongs to one of our queries.</summary>
internal enum TransactionMatch : byte
{
    /// <summary>No open query has this transaction id.</summary>
    Unknown,

    /// <summary>The id is right, the address or port is not: the query stays open.</summary>
    WrongSource,

    /// <summary>It answers an open query.</summary>
    Found,
}
