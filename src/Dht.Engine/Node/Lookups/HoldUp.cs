namespace Dht.Engine.Node;

/// <summary>Why a lookup could not ask all that it wanted to just now.</summary>
internal enum HoldUp : byte
{
    /// <summary>It could.</summary>
    None,

    /// <summary>An address has had its share. The others need not wait for it.</summary>
    Throttled,

    /// <summary>There is no room for any query.</summary>
    Busy,
}
