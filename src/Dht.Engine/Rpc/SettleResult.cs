namespace Dht.Engine.Rpc;

/// <summary>What a response or an error meant to the desk of open queries.</summary>
internal enum SettleResult : byte
{
    /// <summary>
    /// It answers no open query: late, duplicate, made up, or meant for another user of the socket.
    /// </summary>
    Unknown,

    /// <summary>The transaction id is right, the address or port is not: the query stays open.</summary>
    WrongSource,

    /// <summary>
    /// It came from the right place without the id that was expected, or with ours: the query stays open.
    /// </summary>
    WrongSender,

    /// <summary>An error message ended the query.</summary>
    Error,

    /// <summary>A response ended the query.</summary>
    Response,
}
