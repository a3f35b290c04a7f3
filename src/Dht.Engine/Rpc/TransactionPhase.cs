namespace Dht.Engine.Rpc;

/// <summary>Where a transaction slot is in its life.</summary>
internal enum TransactionPhase : byte
{
    /// <summary>Not in use.</summary>
    Free,

    /// <summary>Sent, within its short timeout.</summary>
    Open,

    /// <summary>Past its short timeout; an answer still counts.</summary>
    Late,
}
