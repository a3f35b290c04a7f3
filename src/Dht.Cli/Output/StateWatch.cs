using Dht.Engine;

namespace Dht.Cli.Output;

/// <summary>
/// Says on standard error what goes wrong with the state file, which the user must learn whether a log is wanted or
/// not, and remembers whether the last state was saved.
/// </summary>
internal sealed class StateWatch
{
    private volatile bool _isUnsaved;

    /// <summary>Whether the last attempt to save failed; standard error says why.</summary>
    public bool IsUnsaved => _isUnsaved;

    /// <summary>For <see cref="DhtEngineOptions.OnStateLoaded"/>.</summary>
    public static void OnLoaded(StateLoad load)
    {
        if (load.Status == StateLoadStatus.Damaged)
        {
            StandardError.WriteLine($"dht: warning: {load.Message}");
        }
    }

    /// <summary>For <see cref="DhtEngineOptions.OnStateSaved"/>.</summary>
    public void OnSaved(StateSave save)
    {
        _isUnsaved = !save.IsSaved;
        if (!save.IsSaved)
        {
            StandardError.WriteLine($"dht: {save.Message.ReplaceLineEndings(" ")}");
        }
    }
}
