namespace Dht.Engine.Node;

/// <summary>Why some bytes are not a saved state.</summary>
public enum NodeStateError
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>There are fewer bytes than the header takes, and they begin as a state does.</summary>
    TooShort,

    /// <summary>There are more bytes than <see cref="NodeStateCodec.SizeMax"/>.</summary>
    TooLong,

    /// <summary>The bytes do not begin as a state does.</summary>
    NotAState,

    /// <summary>A newer version of this library has written it.</summary>
    NewerVersion,

    /// <summary>The checksum is wrong: a part was lost or altered.</summary>
    Checksum,

    /// <summary>The checksum is right, but the content is not what a state holds.</summary>
    Malformed,
}
