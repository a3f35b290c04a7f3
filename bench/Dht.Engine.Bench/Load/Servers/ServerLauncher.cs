using System.Globalization;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Bench.Load.Machine;
using Dht.Engine.Testing;
using Dht.Engine.Transport;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>Starts servers, each in a process of its own on the server's core.</summary>
internal sealed class ServerLauncher(LoopbackSwarm swarm, IpFamily family)
{
    // Longer than any run; a server is ended before.
    private const int ExternalSeconds = 36_000;
    private const string Python = "/usr/bin/python3";

    /// <summary>
    /// Bytes of the replies that the bare servers send; at first those of a node's over IPv4 with 8 contacts.
    /// </summary>
    public int ReplySize { get; set; } = 289;

    /// <summary>Why a server cannot take part here; null when it can.</summary>
    public string? WhyNot(string name)
    {
        if (ServerNames.NeedsBatches(name) && !LinuxNative.IsSupported)
        {
            return "it needs 64-bit Linux";
        }

        return name != ServerNames.Libtorrent ? null
            : !File.Exists(Python) ? $"there is no {Python}"
            : HasLibtorrent() ? null
            : "python3-libtorrent is not installed";
    }

    public Task<LoadServer> StartAsync(string name, CancellationToken stop)
    {
        Endpoint local = LoadServer.Loopback(family, 0);
        string swarmAt = swarm.EndpointOf(0).ToString();
        ChildProcess child = name switch
        {
            // Only the wildcard address reaches both the swarm, which is IPv4, and askers over IPv6.
            _ when ServerNames.IsNode(name) => StartSelf(
                name, family == IpFamily.IPv6 ? Endpoint.FromIPv6(0, 0, 0) : local, ServeChild.SwarmOption, swarmAt),
            ServerNames.Libtorrent => ChildProcess.Start(
                name, ProcessorCores.Server, Python, Path.Combine(AppContext.BaseDirectory, "libtorrent_server.py"),
                family.ToString(), swarmAt),
            _ => StartSelf(name, local, ServeChild.ReplyOption, ReplySize.ToString(CultureInfo.InvariantCulture)),
        };
        return LoadServer.OpenAsync(name, child, family, stop);
    }

    public Task<LoadServer> StartAsync(ExternalServer server, CancellationToken stop)
    {
        ushort port = FreePort();
        string command = server.Command
            .Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{reply}", ReplySize.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{seconds}", ExternalSeconds.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        ChildProcess child = StartSelf(
            server.Name, Endpoint.FromIPv4(0x7F000001, port), ServeChild.ProgramOption, command, ExternalGuard.Name);
        return LoadServer.OpenAsync(server.Name, child, IpFamily.IPv4, stop);
    }

    private static ChildProcess StartSelf(
        string name, in Endpoint local, string option, string value, string? kind = null) =>
        ChildProcess.StartSelf(
            name, ProcessorCores.Server, ServeChild.Name, kind ?? name, ServeChild.BindOption, local.ToString(), option,
            value);

    private static ushort FreePort()
    {
        using Socket socket = DatagramSocket.Bind(LoadServer.Loopback(IpFamily.IPv4, 0));
        return DatagramSocket.LocalEndpoint(socket).Port;
    }

    private static bool HasLibtorrent()
    {
        var start = new System.Diagnostics.ProcessStartInfo(Python, ["-c", "import libtorrent"])
        {
            RedirectStandardError = true,
        };
        using System.Diagnostics.Process probe = System.Diagnostics.Process.Start(start)!;
        probe.StandardError.ReadToEnd();
        probe.WaitForExit();
        return probe.ExitCode == 0;
    }
}
