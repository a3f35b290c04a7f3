using System.Diagnostics;

namespace Dht.Engine.Bench.Baseline;

/// <summary>
/// How many bytes of managed memory an operation of a benchmark allocates on the thread that runs it.
/// </summary>
/// <remarks>
/// The first runs are not counted, and one that allocates too much is measured again for a while: what happens once,
/// and code that the runtime has not optimised yet, is no cost of an operation.
/// </remarks>
internal static class AllocationMeter
{
    private const int Attempts = 5;

    private static readonly TimeSpan RunTime = TimeSpan.FromMilliseconds(20);

    /// <param name="benchmark">It is set up here.</param>
    /// <param name="enough">Once so few bytes are measured, that is the result.</param>
    /// <returns>The least of a few attempts, rounded up: one byte in a million operations is not none.</returns>
    public static long BytesPerOperation(MeasuredBenchmark benchmark, long enough)
    {
        benchmark.SetUp();
        benchmark.SetUpIteration();
        benchmark.Invoke();
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least > enough; attempt++)
        {
            if (attempt > 0)
            {
                // The runtime recompiles what has run often, on a thread of its own, and begins 100 ms after the
                // last first call.
                Thread.Sleep(150);
            }

            Run(benchmark, out _);
            long bytes = Run(benchmark, out long operations);
            least = Math.Min(least, (bytes + operations - 1) / operations);
        }

        benchmark.CleanUp();
        return least;
    }

    private static long Run(MeasuredBenchmark benchmark, out long operations)
    {
        long bytes = 0;
        operations = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            benchmark.SetUpIteration();
            long before = GC.GetAllocatedBytesForCurrentThread();
            benchmark.Invoke();
            bytes += GC.GetAllocatedBytesForCurrentThread() - before;
            operations += benchmark.OperationsPerInvoke;
        }
        while (Stopwatch.GetElapsedTime(start) < RunTime);
        return bytes;
    }
}
