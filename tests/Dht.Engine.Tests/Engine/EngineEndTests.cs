using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Tests.Cli;

namespace Dht.Engine.Tests.Engine;

/// <summary>What a start that fails leaves behind, and what has been done when a stop is over.</summary>
public sealed class EngineEndTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task StartsThatFailed_LeaveNothingBehind()
    {
        var logs = new RecordingLogs();
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        await using var engine = new DhtEngine(Loopback.Options() with
        {
            MeterFactory = new FailingMeters(failures: 3),
            LoggerFactory = logs,
            Bootstrap = [other.LocalEndpoint],
        });
        for (int attempt = 0; attempt < 3; attempt++)
        {
            Assert.Throws<NotSupportedException>(engine.Start);
            Assert.False(engine.IsRunning);
        }

        engine.Start();
        await engine.FindNodeAsync(other.Id).WaitAsync(Loopback.Patience);

        // The caller goes on before the observers are notified; once the loop has ended, they have been.
        await engine.StopAsync().WaitAsync(Loopback.Patience);
        Assert.Single(logs.Texts, text => text.StartsWith($"The lookup of {other.Id} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatIsCalledAtTheStart_FindsTheEngineStarted()
    {
        var meters = new FailingMeters(failures: 0);
        await using var engine = new DhtEngine(Loopback.Options() with { MeterFactory = meters });
        meters.OnCreate = () => Assert.NotEqual(0, engine.LocalEndpoint.Port);
        engine.Start();
    }

    [Fact]
    public async Task AStopFromInsideTheLoop_SavesTheState()
    {
        string path = _folder["state"];
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with { StatePath = path });
        await engine.InvokeAsync((_, _) => engine.StopAsync().IsCompletedSuccessfully).WaitAsync(Loopback.Patience);
        await engine.StopAsync().WaitAsync(Loopback.Patience);
        Assert.True(File.Exists(path));
        File.Delete(path);
        engine.Start();
        await engine.DisposeAsync();
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task EveryoneWhoStops_FindsTheStateSaved()
    {
        string path = _folder["state"];
        await using var engine = new DhtEngine(Loopback.Options() with { StatePath = path });
        for (int round = 0; round < 20; round++)
        {
            File.Delete(path);
            engine.Start();
            Task first = engine.StopAsync();
            await engine.StopAsync();
            Assert.True(File.Exists(path), $"round {round}");
            await first;
        }
    }

    [Fact]
    public async Task AJoinIsEndedByTheStop()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = Loopback.AnyPort.WithPort((ushort)((IPEndPoint)silent.LocalEndPoint!).Port);
        DhtEngine engine = Loopback.Start(
            Loopback.Options() with { Bootstrap = [nobody, HostPort.Parse("no-such-host.invalid:6881")] });
        Task<JoinResult> join = engine.JoinAsync();
        await engine.StopAsync();
        Assert.Equal(LookupStatus.Stopped, (await join.WaitAsync(Loopback.Patience)).Status);
    }

    [Fact]
    public async Task AnExternalAddressThatNobodyOutsideCanReach_IsRefused()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with { AddressPolicy = AddressPolicy.Public });
        foreach (string address in new[] { "10.0.0.1:6881", "127.0.0.1:1", "224.0.0.1:6881", "[fe80::1]:6881" })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => engine.SetExternalAddressAsync(Endpoint.Parse(address)));
        }

        await engine.SetExternalAddressAsync(Endpoint.Parse("84.124.73.14:0"));
    }

    public void Dispose() => _folder.Dispose();

    private sealed class FailingMeters(int failures) : IMeterFactory
    {
        private int _left = failures;

        public Action? OnCreate { get; set; }

        public Meter Create(MeterOptions options)
        {
            OnCreate?.Invoke();
            return _left-- > 0 ? throw new NotSupportedException("not today") : new Meter("Dht.Engine.Tests.Failing");
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
