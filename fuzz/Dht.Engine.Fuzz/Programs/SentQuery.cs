using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>A query that the code under test has sent.</summary>
/// <param name="Destination">To whom.</param>
/// <param name="TransactionId">Under which id.</param>
/// <param name="Method">What it asks.</param>
internal readonly record struct SentQuery(Endpoint Destination, ulong TransactionId, KrpcMethod Method);
