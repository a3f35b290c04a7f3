namespace Dht.Engine.Tests.Support;

/// <summary>
/// Measures how many bytes of managed memory a piece of code allocates. The code is warmed up first, so that what the
/// runtime allocates once (static constructors, delegates, first calls) is not charged to it.
/// </summary>
/// <remarks>
/// Pass static lambdas and hand them what they need as state: then the compiler itself proves that no closure is in
/// the measured region. A test that uses one of the process variants belongs in
/// <see cref="Architecture.QuietProcess"/>, so that no other test runs beside it.
/// </remarks>
internal static class AllocationGuard
{
    private const int DefaultWarmUps = 3;
    private const int ProcessAttempts = 5;

    /// <summary>Bytes that the calling thread allocates in one <paramref name="run"/>.</summary>
    public static long OnThread(Action run, int warmUps = DefaultWarmUps) => OnThread(run, static r => r(), warmUps);

    /// <summary>
    /// Bytes that the calling thread allocates in one <paramref name="run"/> after one <paramref name="warm"/>.
    /// </summary>
    public static long OnThread(Action warm, Action run)
    {
        Touch();
        warm();
        long before = GC.GetAllocatedBytesForCurrentThread();
        run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>
    /// Bytes that the calling thread allocates in one <paramref name="run"/> over <paramref name="state"/>.
    /// </summary>
    public static long OnThread<TState>(TState state, Action<TState> run, int warmUps = DefaultWarmUps)
    {
        Touch();
        for (int i = 0; i < warmUps; i++)
        {
            run(state);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        run(state);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>
    /// Bytes that all threads together allocate during one <paramref name="run"/>: the least of a few attempts.
    /// </summary>
    public static long InProcess(Action run, int warmUps = DefaultWarmUps) => InProcess(run, static r => r(), warmUps);

    /// <summary>
    /// Bytes that all threads together allocate during one <paramref name="run"/> over <paramref name="state"/>. The
    /// test host allocates now and then on threads of its own; the least of a few attempts is what the code itself
    /// does every time.
    /// </summary>
    public static long InProcess<TState>(TState state, Action<TState> run, int warmUps = DefaultWarmUps)
    {
        Touch();
        for (int i = 0; i < warmUps; i++)
        {
            run(state);
        }

        long least = long.MaxValue;
        for (int attempt = 0; attempt < ProcessAttempts && least != 0; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            run(state);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }

    /// <summary>Fails when the calling thread allocates in one <paramref name="run"/>.</summary>
    public static void AssertNone(Action run, int warmUps = DefaultWarmUps) => Assert.Equal(0, OnThread(run, warmUps));

    /// <summary>
    /// Fails when the calling thread allocates in one <paramref name="run"/> over <paramref name="state"/>.
    /// </summary>
    public static void AssertNone<TState>(TState state, Action<TState> run, int warmUps = DefaultWarmUps) =>
        Assert.Equal(0, OnThread(state, run, warmUps));

    /// <summary>
    /// Fails when any thread allocates in every one of a few <paramref name="run"/>s over <paramref name="state"/>.
    /// </summary>
    public static void AssertNoneInProcess<TState>(TState state, Action<TState> run, int warmUps = DefaultWarmUps) =>
        Assert.Equal(0, InProcess(state, run, warmUps));

    // The counters' own first calls are part of the warm-up.
    private static void Touch()
    {
        _ = GC.GetAllocatedBytesForCurrentThread();
        _ = GC.GetTotalAllocatedBytes(precise: true);
    }
}
