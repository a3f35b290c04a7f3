using Dht.Engine.Invariants;
using Dht.Engine.Node;
using Dht.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <summary>
/// Keeps the node's state in a file that it has for itself: loads it before a start, saves it from time to time and at
/// the end, and reports what came of it. Disks are slow, so nothing is written on the loop's thread.
/// </summary>
/// <remarks>
/// One run at a time: <see cref="Open"/>, then <see cref="SaveSoon"/>, then <see cref="SaveLastAsync"/>, and
/// <see cref="Close"/> whatever happened.
/// </remarks>
internal sealed class StateKeeper
{
    private readonly StateFile _file;
    private readonly Action<StateLoad>? _onLoaded;
    private readonly Action<StateSave>? _onSaved;
    private readonly ILogger _log;
    private UserFaults? _faults;
    private IDisposable? _lock;
    private Task _saving = Task.CompletedTask;
    private volatile StateSave? _lastSave;

    public StateKeeper(string path, DhtEngineOptions options, ILogger log)
    {
        _file = new StateFile(path);
        _onLoaded = options.OnStateLoaded;
        _onSaved = options.OnStateSaved;
        _log = log;
    }

    /// <summary>What came of the latest attempt to save; null before the first. From any thread.</summary>
    public StateSave? LastSave => _lastSave;

    /// <summary>Takes the file and reads the state; null when there is no usable one.</summary>
    /// <param name="faults">Gets what the user's handlers throw, until the next run.</param>
    /// <exception cref="StateFileException">The file cannot be had, read or written, or is not ours.</exception>
    public NodeState? Open(UserFaults faults)
    {
        _faults = faults;
        _lock = _file.Lock();
        StateLoad load = _file.Load();
        if (load.Status == StateLoadStatus.Damaged)
        {
            _log.StateDamaged(load.Message);
        }

        if (load.State != null)
        {
            _log.StateLoaded(load.State.Contacts.Count, _file.FullPath);
        }

        Notify(_onLoaded, load);
        return load.State;
    }

    /// <summary>
    /// Captures the state of the moment and writes it, unless it is still being written. On the loop's thread.
    /// </summary>
    public void SaveSoon(IMainlineNode node, Instant now)
    {
        if (_saving.IsCompleted)
        {
            NodeState state = node.CaptureState(now);
            _saving = Task.Run(() => Save(state, now));
        }
    }

    /// <summary>Leaves the file to others; nothing when it is not open.</summary>
    public void Close()
    {
        _lock?.Dispose();
        _lock = null;
    }

    /// <summary>Writes the state of the end, once the loop has ended.</summary>
    public async Task SaveLastAsync(NodeState state, Instant now)
    {
        // The loop has ended, so no other save begins; one under way would bring back an older state.
        await _saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Run(() => Save(state, now)).ConfigureAwait(false);
    }

    private void Save(NodeState state, Instant now)
    {
        var save = new StateSave { Path = _file.FullPath, Contacts = state.Contacts.Count, CapturedAt = now };
        try
        {
            _file.Save(state);
            _log.StateSaved(save.Contacts, save.Path);
        }
        catch (Exception fault) when (fault is IOException or ArgumentException)
        {
            _log.StateNotSaved(save.Path, fault);
            save = save with { Fault = fault };
        }

        _lastSave = save;
        Notify(_onSaved, save);
    }

    private void Notify<T>(Action<T>? handler, T outcome)
    {
        try
        {
            handler?.Invoke(outcome);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _faults!.Report(fault);
        }
    }
}
