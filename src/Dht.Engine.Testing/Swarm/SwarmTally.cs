namespace Dht.Engine.Testing.Swarm;

/// <summary>
/// What has happened so far. Written by the swarm's thread alone; readers use <see cref="Volatile"/>.
/// </summary>
internal sealed class SwarmTally
{
    public long Received;
    public long Answered;
    public long Lost;
    public long Malformed;
}
