using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Dht.Cli.Arguments;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Node;

namespace Dht.Cli.Ping;

/// <summary>One run of <c>dht ping</c>.</summary>
internal static class PingSession
{
    // One datagram may be lost; two in a row mean something.
    private const int Attempts = 2;

    public static async Task<int> RunAsync(HostPort target, NetworkSettings network, OutputSettings output)
    {
        StopSignal stop = StopSignal.Instance;
        Endpoint destination = await FindAsync(target, network, stop.Token).ConfigureAwait(false);
        if (stop.IsRaised)
        {
            return ExitCode.Interrupted;
        }

        AddressVerdict verdict = network.AddressPolicy.Check(destination);
        if (verdict != AddressVerdict.Allowed)
        {
            throw new FailureException(VerdictText.Describe(destination, verdict));
        }

        await using DhtEngine engine = EngineStarter.Start(new DhtEngineOptions
        {
            Bind = network.Bind ?? (destination.IsIPv6 ? Endpoint.FromIPv6(0, 0, 0) : Endpoint.FromIPv4(0, 0)),
            Transport = network.Transport,
            AddressPolicy = network.AddressPolicy,
            Node = new NodeOptions { ReadOnly = network.ReadOnly },
        });
        try
        {
            PingResult result = await PingAsync(engine, destination, stop.Token).ConfigureAwait(false);
            Print(destination, result, output.Json);
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task<Endpoint> FindAsync(HostPort target, NetworkSettings network, CancellationToken stop)
    {
        // Unless the user binds a socket, one of the family of the node will be: both families will do.
        List<Endpoint> found = await Bootstrap.ResolveAsync(
            [target], network.Bind ?? Endpoint.FromIPv6(0, 0, 0), stop).ConfigureAwait(false);
        if (stop.IsCancellationRequested)
        {
            return default;
        }

        if (found.Count == 0)
        {
            throw new FailureException(target.IsAddress || network.Bind != null
                ? $"{target} cannot be reached from {network.Bind}"
                : $"the name {target.Host} cannot be resolved");
        }

        Endpoint firstIPv4 = found.Find(static endpoint => endpoint.IsIPv4);
        return firstIPv4.IsIPv4 ? firstIPv4 : found[0];
    }

    private static async Task<PingResult> PingAsync(DhtEngine engine, Endpoint destination, CancellationToken stop)
    {
        PingResult result = default;
        for (int i = 0; i < Attempts; i++)
        {
            result = await engine.PingAsync(destination, stop).ConfigureAwait(false);
            if (result.Status != QueryStatus.TimedOut)
            {
                break;
            }
        }

        return result.Status switch
        {
            QueryStatus.Answered => result,
            QueryStatus.TimedOut => throw new FailureException($"no answer from {destination}"),
            QueryStatus.Error => throw new FailureException($"{destination} answered with an error"),
            _ => throw new FailureException($"{destination} could not be asked: {result.Status}"),
        };
    }

    private static void Print(Endpoint destination, PingResult result, bool asJson)
    {
        double milliseconds = Math.Round(result.RoundTrip.TotalMilliseconds, 3);
        string version = VersionOf(result);
        if (!asJson)
        {
            string said = version.Length > 0 ? $" version {version}" : string.Empty;
            StandardOutput.TryWriteLine(
                string.Create(
                    CultureInfo.InvariantCulture, $"{destination} {milliseconds:0.###} ms id {result.Id}{said}"));
            return;
        }

        JsonOutput.Write(json =>
        {
            json.WriteString("id", result.Id.ToString());
            json.WriteString("ip", destination.ToAddress().ToString());
            json.WriteNumber("port", destination.Port);
            json.WriteNumber("rttMs", milliseconds);
            json.WriteString("version", version);
        });
    }

    private static string VersionOf(PingResult result)
    {
        if (result.Version == 0)
        {
            return string.Empty;
        }

        Span<byte> raw = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(raw, result.Version);
        Span<byte> text = stackalloc byte[VersionText.SizeMax];
        return Encoding.ASCII.GetString(text[..VersionText.Write(raw, text)]);
    }
}
