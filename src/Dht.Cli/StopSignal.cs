using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dht.Cli;

/// <summary>
/// Ctrl-C and its relatives, for the whole life of the process. The first asks for a graceful end; one that comes a
/// second or more after it is left to the system, which ends the process at once.
/// </summary>
/// <remarks>
/// Within the second others are the same wish: a terminal that closes and a shell signal the process and its group, one
/// after the other, and so does <c>timeout</c>.
/// </remarks>
#pragma warning disable CA1001 // It lives as long as the process.
internal sealed class StopSignal
#pragma warning restore CA1001
{
    private static readonly TimeSpan SameWish = TimeSpan.FromSeconds(1);

    // All is over five seconds after a signal: the last words have the rest of that.
    private static readonly TimeSpan OutputPatience = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _source = new();
    private readonly ManualResetEventSlim _raised = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private long _raisedAt;

    private StopSignal()
    {
        ReadOnlySpan<PosixSignal> signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        foreach (PosixSignal signal in signals)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }
    }

    /// <summary>The one of the process. The first look begins to listen.</summary>
    public static StopSignal Instance { get; } = new();

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public bool IsRaised => _source.IsCancellationRequested;

    /// <summary>
    /// How long output may still wait for its reader: for ever, until there is a signal; then some seconds.
    /// </summary>
    public TimeSpan OutputTimeLeft
    {
        get
        {
            if (Volatile.Read(ref _raisedAt) is 0)
            {
                return TimeSpan.MaxValue;
            }

            TimeSpan left = OutputPatience - Stopwatch.GetElapsedTime(_raisedAt);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Waits for the first signal, at most so long.</summary>
    public void Wait(TimeSpan timeout) => _raised.Wait(timeout);

    private void OnSignal(PosixSignalContext context)
    {
        long first = Interlocked.CompareExchange(ref _raisedAt, Stopwatch.GetTimestamp(), 0);
        if (first == 0)
        {
            context.Cancel = true;
            _raised.Set();
            _source.Cancel();
        }
        else
        {
            context.Cancel = Stopwatch.GetElapsedTime(first) < SameWish;
        }
    }
}
