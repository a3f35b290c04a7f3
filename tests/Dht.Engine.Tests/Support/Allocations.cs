namespace Dht.Engine.Tests.Support;

/// <summary>Bytes of managed memory that the calling thread allocates in a warmed piece of code. Pass static lambdas.</summary>
internal static class Allocations
{
    public static long OnThread<TState>(TState state, Action<TState> run)
    {
        for (int i = 0; i < 3; i++)
        {
            run(state);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        run(state);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
