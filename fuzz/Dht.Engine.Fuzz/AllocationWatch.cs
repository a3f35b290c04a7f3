namespace Dht.Engine.Fuzz;

/// <summary>
/// Sums up what the code under test allocates while targets ask it to watch. The runtime allocates when it loads a
/// type, so the feeder feeds the input once more before calling it a failure.
/// </summary>
public static class AllocationWatch
{
    private static long _startedAt;

    /// <summary>Bytes allocated while watched, since <see cref="Reset"/>.</summary>
    public static long Bytes { get; private set; }

    /// <summary>Forgets what was allocated.</summary>
    public static void Reset() => Bytes = 0;

    /// <summary>From here on nothing may be allocated on this thread.</summary>
    public static void Start() => _startedAt = GC.GetAllocatedBytesForCurrentThread();

    /// <summary>From here on it may again.</summary>
    public static void Stop() => Add(GC.GetAllocatedBytesForCurrentThread() - _startedAt);

    /// <summary>Adds what was measured otherwise.</summary>
    public static void Add(long bytes) => Bytes += bytes;
}
