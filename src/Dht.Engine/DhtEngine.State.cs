using Dht.Engine.Node;
using Dht.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <content>What outlives a run, kept in a file.</content>
public sealed partial class DhtEngine
{
    /// <summary>The task that writes the state to <see cref="DhtEngineOptions.StatePath"/>, every five minutes.</summary>
    public const string StateSaving = "state-saving";

    private static readonly TimeSpan StateSavingInterval = TimeSpan.FromMinutes(5);

    private readonly StateFile? _stateFile;
    private readonly ILogger _log;
    private Task _saving = Task.CompletedTask;

    private static DhtEngineOptions WithIds(DhtEngineOptions options, NodeState? state) => state == null
        ? options
        : options with
        {
            Node = options.Node with
            {
                Id = options.Node.Id ?? state.IdIPv4 ?? state.IdIPv6,
                IdIPv6 = options.Node.IdIPv6 ?? (options.Node.Id == null ? state.IdIPv6 : null),
            },
        };

    private NodeState? LoadState()
    {
        if (_stateFile?.Load() is not { } load)
        {
            return null;
        }

        if (load.Status == StateLoadStatus.Damaged)
        {
            _log.StateDamaged(load.Message);
        }

        if (load.State != null)
        {
            _log.StateLoaded(load.State.Contacts.Count, _stateFile.FullPath);
        }

        return load.State;
    }

    /// <summary>Writes the state of the moment, on another thread than the loop's: disks are slow.</summary>
    private void SaveStateSoon(IMainlineNode node, Instant now)
    {
        if (_saving.IsCompleted)
        {
            NodeState state = node.CaptureState(now);
            _saving = Task.Run(() => SaveState(state));
        }
    }

    private void SaveState(NodeState state)
    {
        if (_stateFile == null)
        {
            return;
        }

        try
        {
            _stateFile.Save(state);
            _log.StateSaved(state.Contacts.Count, _stateFile.FullPath);
        }
        catch (Exception fault) when (fault is IOException or ArgumentException)
        {
            _log.StateNotSaved(_stateFile.FullPath, fault);
        }
    }
}
