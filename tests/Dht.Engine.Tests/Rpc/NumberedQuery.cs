using Dht.Engine.Identity;
using Dht.Engine.Rpc;

namespace Dht.Engine.Tests.Rpc;

/// <summary>A query that one contact may answer.</summary>
internal readonly record struct NumberedQuery(int Number, NodeId Asked) : IOpenQuery
{
    public bool Accepts(in NodeId sender) => sender == Asked;
}
