using Dht.Engine.Fuzz.Corpus;
using Dht.Engine.Fuzz.Coverage;

namespace Dht.Engine.Fuzz.Running;

/// <summary>Feeds a target one input after another, and reports the one that breaks something.</summary>
internal sealed class InputFeeder : IDisposable
{
    private readonly FuzzOptions _options;
    private readonly CoverageMap? _coverage;
    private readonly GuardedInput _input;
    private long _running;

    /// <summary>A feeder.</summary>
    /// <param name="options">The target, and where an input comes from.</param>
    /// <param name="coverage">Holds what the last input reached; null in a blind run.</param>
    public InputFeeder(FuzzOptions options, CoverageMap? coverage)
    {
        _options = options;
        _coverage = coverage;
        _input = new GuardedInput($"fuzz-{options.Target.Name}-{Environment.ProcessId}.last");
    }

    /// <summary>How many were fed.</summary>
    public long Count { get; private set; }

    /// <summary>The number of the input that is being fed now, or 0; for other threads.</summary>
    public long Running => Volatile.Read(ref _running);

    /// <summary>The last input.</summary>
    public ReadOnlySpan<byte> Last => _input.Current;

    /// <summary>Where the last input is found if the process dies.</summary>
    public string LastPath => _input.FilePath;

    /// <summary>Feeds one; false when it breaks something, which is reported then.</summary>
    public bool TryFeed(ReadOnlySpan<byte> input)
    {
        // One after the other: what reads before the input is found as well as what reads after it.
        _input.Set(input, atFront: (Count & 1) != 0);
        Volatile.Write(ref _running, ++Count);
        try
        {
            Execute();
            if (AllocationWatch.Bytes > 0)
            {
                // The runtime may allocate while it loads a type, but not twice.
                Execute();
                FuzzFailureException.Require(
                    AllocationWatch.Bytes == 0, "what is said to allocate nothing allocates nothing");
            }
        }
#pragma warning disable CA1031 // Whatever a target throws is a finding.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Report(exception.ToString());
            return false;
        }

        Volatile.Write(ref _running, 0);
        return true;
    }

    /// <summary>Writes the last input to a file and says how to feed it again.</summary>
    public void Report(string reason)
    {
        byte[] input = _input.Current.ToArray();
        string path = _options.ReplayPath ?? $"fuzz-{_options.Target.Name}-{CorpusFolder.NameOf(input)}.bin";
        if (_options.ReplayPath is null)
        {
            File.WriteAllBytes(path, input);
        }

        string origin = _options.ReplayPath ?? $"input {Count} of seed {_options.Seed}";
        Console.Error.WriteLine($"{_options.Target.Name}: {origin} fails: {reason}");
        Console.Error.WriteLine(
            $"{input.Length} bytes: {Convert.ToHexString(input.AsSpan(0, Math.Min(256, input.Length)))}");
        Console.Error.WriteLine(
            $"replay: dotnet run -c Release --project fuzz/Dht.Engine.Fuzz -- {_options.Target.Name} --replay "
                + $"{Path.GetFullPath(path)}");
    }

    /// <inheritdoc/>
    public void Dispose() => _input.Dispose();

    private void Execute()
    {
        _coverage?.Clear();
        AllocationWatch.Reset();
        _options.Target.Execute(_input.Current);
    }
}
