namespace Dht.Engine.Node;

/// <summary>Something of yours that the engine calls, until this is disposed. Thread-safe.</summary>
public sealed class Registration : IDisposable
{
    private Action? _remove;

    internal Registration(Action remove) => _remove = remove;

    /// <summary>Whether it is still in force.</summary>
    public bool IsActive => Volatile.Read(ref _remove) != null;

    /// <summary>
    /// Takes it out; a second time does nothing. On the engine's thread it is not called again from now on; on another
    /// thread, a call that has begun already may still be running.
    /// </summary>
    public void Dispose() => Interlocked.Exchange(ref _remove, null)?.Invoke();
}
