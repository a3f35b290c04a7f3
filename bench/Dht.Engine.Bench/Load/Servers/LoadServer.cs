using System.Globalization;
using Dht.Engine.Addressing;
using Dht.Engine.Bench.Load.Machine;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>A server under test, as the parent sees it.</summary>
internal sealed class LoadServer : IAsyncDisposable
{
    // A node joins and fills its table meanwhile.
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly ChildProcess _child;

    private LoadServer(string name, ChildProcess child, Endpoint endpoint, int processId)
    {
        _child = child;
        Name = name;
        Endpoint = endpoint;
        ProcessId = processId;
    }

    public string Name { get; }

    /// <summary>Where to ask it.</summary>
    public Endpoint Endpoint { get; }

    /// <summary>Whose processor time is the server's.</summary>
    public int ProcessId { get; }

    /// <summary>Waits until a child is ready; takes it over, and ends it when it does not get so far.</summary>
    public static async Task<LoadServer> OpenAsync(
        string name, ChildProcess child, IpFamily family, CancellationToken stop)
    {
        try
        {
            string line = await child.ListenAsync(ReadyTimeout, stop).ConfigureAwait(false);
            string[] words = line.Split(' ');
            if (words is not ["ready", _, ..]
                || !ushort.TryParse(words[1], CultureInfo.InvariantCulture, out ushort port))
            {
                throw new LoadFailureException($"{name}: not ready: {line}");
            }

            int processId = words.Length > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : child.Id;
            return new LoadServer(name, child, Loopback(family, port), processId);
        }
        catch
        {
            await child.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public static Endpoint Loopback(IpFamily family, ushort port) =>
        family == IpFamily.IPv6 ? Endpoint.FromIPv6(0, 1, port) : Endpoint.FromIPv4(0x7F000001, port);

    /// <summary>Makes a server of ours note the bytes that it has allocated so far.</summary>
    public async Task MarkAsync(CancellationToken stop)
    {
        await _child.TellAsync("mark").ConfigureAwait(false);
        await _child.ListenAsync(AnswerTimeout, stop).ConfigureAwait(false);
    }

    /// <summary>The bytes that a server of ours allocated between the last two marks.</summary>
    public async Task<long> BytesAsync(CancellationToken stop)
    {
        await _child.TellAsync("bytes").ConfigureAwait(false);
        return long.Parse(
            await _child.ListenAsync(AnswerTimeout, stop).ConfigureAwait(false), CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => _child.DisposeAsync();
}
