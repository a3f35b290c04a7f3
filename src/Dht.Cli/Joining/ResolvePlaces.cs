using Dht.Engine;
using Dht.Engine.Addressing;

namespace Dht.Cli.Joining;

/// <summary>
/// Turns places into endpoints of both families; those that cannot be resolved are left out.
/// <see cref="BootstrapNodes.ResolveAsync"/> is one.
/// </summary>
internal delegate Task<IReadOnlyList<Endpoint>> ResolvePlaces(
    IReadOnlyList<HostPort> places, CancellationToken cancellation);
