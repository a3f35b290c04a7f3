namespace Dht.Engine.Testing.Swarm;

/// <summary>The sockets of a swarm. Its creator disposes of it, after <see cref="Serve"/> has returned.</summary>
internal interface ISwarmLink : IDisposable
{
    /// <summary>Where the nodes lie.</summary>
    SwarmAddressBook Addresses { get; }

    /// <summary>Bytes of buffers.</summary>
    long MemoryBytes { get; }

    /// <summary>
    /// Lets a responder answer what arrives, until <see cref="Stop"/>; costs nothing while nothing arrives.
    /// </summary>
    void Serve(SwarmResponder responder);

    /// <summary>Ends <see cref="Serve"/>, from any thread.</summary>
    void Stop();
}
