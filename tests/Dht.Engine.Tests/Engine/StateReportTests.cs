using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Cli;

namespace Dht.Engine.Tests.Engine;

/// <summary>What the engine reports of the file that it keeps its state in.</summary>
public sealed class StateReportTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<StateLoad> _loads = [];
    private readonly List<StateSave> _saves = [];
    private readonly List<Exception> _faults = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EachLoadAndEachSave_IsReported()
    {
        string path = _folder["state"];
        var contact = new CompactNode(NodeId.Parse(new string('a', 40)), Endpoint.Parse("127.0.0.9:4711"));
        new StateFile(path).Save(new NodeState { Contacts = [contact] });
        await using var engine = new DhtEngine(Options(path));
        Assert.Null(engine.LastStateSave);
        engine.Start();
        StateLoad load = Assert.Single(_loads);
        Assert.Equal((StateLoadStatus.Loaded, 1), (load.Status, load.State!.Contacts.Count));
        await engine.StopAsync();
        StateSave save = Assert.Single(_saves);
        Assert.Equal((true, path, 1), (save.IsSaved, save.Path, save.Contacts));
        Assert.Equal($"The state at {path} has 1 contacts.", save.Message);
        Assert.Same(save, engine.LastStateSave);
        Assert.Empty(_faults);

        File.Delete(path);
        engine.Start();
        Assert.Equal(StateLoadStatus.Missing, _loads[1].Status);
        await File.WriteAllTextAsync(path, "this has never been a state, however long it may be");
        await engine.StopAsync();
        Assert.True(_saves[1].CapturedAt >= save.CapturedAt);
        Assert.Equal(StateFileError.NotAState, Assert.IsType<StateFileException>(_saves[1].Fault).Error);
    }

    [Fact]
    public async Task ADamagedFile_IsReported()
    {
        string path = _folder["state"];
        await File.WriteAllTextAsync(path, "DhtState");
        await using DhtEngine engine = Loopback.Start(Options(path));
        StateLoad load = Assert.Single(_loads);
        Assert.Equal((StateLoadStatus.Damaged, path + ".damaged"), (load.Status, load.PutAside));
    }

    [Fact]
    public async Task AFailure_IsReported_AndIsTheLastSave()
    {
        string folder = _folder["gone"];
        string path = Path.Combine(folder, "state");
        Directory.CreateDirectory(folder);
        await using DhtEngine engine = Loopback.Start(Options(path));
        Directory.Delete(folder, recursive: true);
        await engine.StopAsync();
        StateSave save = Assert.Single(_saves);
        Assert.False(save.IsSaved);
        Assert.IsType<StateFileException>(save.Fault);
        Assert.StartsWith($"The state at {path} cannot be written: ", save.Message, StringComparison.Ordinal);
        Assert.Same(save, engine.LastStateSave);
    }

    [Fact]
    public async Task WhatTheHandlersThrow_IsReportedAsAFault_AndStopsNothing()
    {
        await using DhtEngine engine = Loopback.Start(Options(_folder["state"]) with
        {
            OnStateLoaded = static _ => throw new NotSupportedException("no loads"),
            OnStateSaved = static _ => throw new NotSupportedException("no saves"),
        });
        Assert.Equal(1, engine.Counters.Faults);
        await engine.StopAsync();
        Assert.Equal(["no loads", "no saves"], _faults.Select(static fault => fault.Message));
        Assert.True(engine.LastStateSave!.IsSaved);
    }

    private DhtEngineOptions Options(string path) => Loopback.Options() with
    {
        StatePath = path,
        OnStateLoaded = _loads.Add,
        OnStateSaved = _saves.Add,
        OnFault = _faults.Add,
    };
}
