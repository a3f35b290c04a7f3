using Dht.Engine.Identity;

namespace Dht.Engine.Rpc;

/// <summary>What an owner of the desk keeps with each open query.</summary>
internal interface IOpenQuery
{
    /// <summary>Whether a response that carries this id answers the query.</summary>
    bool Accepts(in NodeId sender);
}
