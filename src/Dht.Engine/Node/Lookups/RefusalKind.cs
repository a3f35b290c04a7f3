namespace Dht.Engine.Node;

/// <summary>What a node that answers with an error wants.</summary>
internal enum RefusalKind : byte
{
    /// <summary>To be asked later: a general error, trouble of its own, or no reason given.</summary>
    ForNow,

    /// <summary>It does not like the arguments (203), of an announcement mostly the token.</summary>
    OfArguments,

    /// <summary>It does not know the method (204).</summary>
    OfMethod,
}
