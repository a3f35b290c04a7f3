using System.Runtime.InteropServices;

namespace Dht.Cli;

/// <summary>
/// Ctrl-C and its relatives. The first asks for a graceful end; the second is left to the system, which ends the
/// process at once.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly ManualResetEventSlim _raised = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    public StopSignal()
    {
        ReadOnlySpan<PosixSignal> signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        foreach (PosixSignal signal in signals)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Waits for the first signal, at most so long.</summary>
    public void Wait(TimeSpan timeout) => _raised.Wait(timeout);

    public bool IsRaised => _source.IsCancellationRequested;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
        _raised.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (!_source.IsCancellationRequested)
        {
            context.Cancel = true;
            _source.Cancel();
            _raised.Set();
        }
    }
}
