using Dht.Engine.Invariants;

namespace Dht.Engine.Node;

/// <summary>
/// The guard around code of the user that a node calls: what it throws is counted and reported, and the node goes on. A
/// broken invariant of ours passes through.
/// </summary>
/// <param name="handler">The current handler of faults; null when there is none.</param>
internal sealed class NodeFaults(Func<Action<Exception>?> handler)
{
    /// <summary>Exceptions that code of the user threw inside the node.</summary>
    public long Count { get; private set; }

    /// <summary>Calls code of the user.</summary>
    /// <param name="target">What is called.</param>
    /// <param name="first">Its first argument; borrowed for the duration of the call.</param>
    /// <param name="second">Its other arguments.</param>
    /// <param name="call">A static lambda, so that nothing is allocated.</param>
    public void Guard<TTarget, T1, T2>(TTarget target, in T1 first, in T2 second, UserCall<TTarget, T1, T2> call)
        where T1 : allows ref struct
    {
        try
        {
            call(target, first, second);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            Report(fault);
        }
    }

    /// <summary>Counts an exception that code of the user threw, and hands it on.</summary>
    public void Report(Exception fault)
    {
        Count++;
        try
        {
            handler()?.Invoke(fault);
        }
        catch (Exception again) when (again is not InvariantException)
        {
            // The handler of faults has one too; nobody is left to notify.
            Count++;
        }
    }
}
