using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Engine.Testing;

/// <summary>Answers a query in the place of a node of kind <see cref="SimulatedNodeKind.Scripted"/>.</summary>
/// <param name="node">The node that is asked.</param>
/// <param name="query">
/// What it is asked; good during the call only. It may lack arguments: <see cref="KrpcMessage.BodyFault"/> says so.
/// </param>
/// <param name="source">Who asks, and where the answer goes.</param>
/// <param name="answer">Room for the answer, as large as a datagram of the engine may be.</param>
/// <returns>
/// The length of the answer, as the methods of <see cref="KrpcReplies"/> return it; 0 sends none. For an answer that
/// is late, comes twice or comes from elsewhere return 0 and call <see cref="SimulatedNode.Send"/> or
/// <see cref="SimulatedNetwork.Send"/>.
/// </returns>
/// <remarks>What it throws comes out of the method that runs the network.</remarks>
public delegate int SimulatedScript(
    SimulatedNode node, in KrpcMessage query, in Endpoint source, Span<byte> answer);
