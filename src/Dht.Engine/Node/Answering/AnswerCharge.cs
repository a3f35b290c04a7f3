using Dht.Engine.Rpc;

namespace Dht.Engine.Node;

/// <summary>What an answer that may be given is charged to, besides the budget of all.</summary>
/// <param name="NetworkHash">By what the network of the asker is found there.</param>
/// <param name="Allowances">Those of the networks; null when it is charged to nothing.</param>
internal readonly record struct AnswerCharge(ulong NetworkHash, AddressThrottle? Allowances);
