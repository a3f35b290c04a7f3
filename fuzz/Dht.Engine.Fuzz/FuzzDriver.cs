using System.Diagnostics;
using System.Globalization;
using Dht.Engine.Timing;

namespace Dht.Engine.Fuzz;

/// <summary>Feeds a target until its time is up or something breaks.</summary>
internal sealed class FuzzDriver : IDisposable
{
    private const int HangSecondsMax = 10;

    private readonly FuzzOptions _options;
    private readonly GuardedInput _input;
    private readonly Timer _watchdog;
    private long _count;
    private long _countSeen = -1;
    private int _secondsStuck;

    public FuzzDriver(FuzzOptions options)
    {
        _options = options;
        _input = new GuardedInput($"fuzz-{options.Target.Name}-{Environment.ProcessId}.last");
        _watchdog = new Timer(_ => CheckProgress(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Runs what the options ask for.</summary>
    /// <returns>The exit code: 0, or 1 after a failure.</returns>
    public int Run() => _options.ReplayPath is null ? RunMutations() : Replay(_options.ReplayPath);

    /// <inheritdoc/>
    public void Dispose()
    {
        _watchdog.Dispose();
        _input.Dispose();
    }

    private int RunMutations()
    {
        IFuzzTarget target = _options.Target;
        Console.WriteLine($"{target.Name}: seed {_options.Seed}, {_options.Seconds} s; if the process dies: --replay {_input.FilePath}");
        foreach (byte[] seed in target.Seeds)
        {
            if (!TryFeed(seed))
            {
                return 1;
            }
        }

        Mutator mutator = new(target, _options.Seed, GuardedInput.LengthMax);
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan end = TimeSpan.FromSeconds(_options.Seconds);
        while (clock.Elapsed < end)
        {
            for (int i = 0; i < 256; i++)
            {
                if (!TryFeed(mutator.Next()))
                {
                    return 1;
                }
            }
        }

        double rate = _count / clock.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{target.Name}: {_count:N0} inputs, {rate:N0} inputs/s, no failure (seed {_options.Seed})"));
        return 0;
    }

    private int Replay(string path)
    {
        if (!TryFeed(GuardedInput.Load(path)))
        {
            return 1;
        }

        Console.WriteLine($"{_options.Target.Name}: {path} passes");
        return 0;
    }

    private bool TryFeed(ReadOnlySpan<byte> input)
    {
        _input.Set(input);
        Volatile.Write(ref _count, _count + 1);
        try
        {
            _options.Target.Execute(_input.Current);
            return true;
        }
#pragma warning disable CA1031 // Whatever a target throws is a finding.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Report(exception.ToString());
            return false;
        }
    }

    /// <summary>Writes the failing input to a file and tells how to feed it again.</summary>
    private void Report(string reason)
    {
        byte[] input = _input.Current.ToArray();
        string path = _options.ReplayPath ?? $"fuzz-{_options.Target.Name}-{Name(input):x16}.bin";
        if (_options.ReplayPath is null)
        {
            File.WriteAllBytes(path, input);
        }

        string origin = _options.ReplayPath ?? $"input {_count} of seed {_options.Seed}";
        Console.Error.WriteLine($"{_options.Target.Name}: {origin} fails: {reason}");
        Console.Error.WriteLine($"{input.Length} bytes: {Convert.ToHexString(input.AsSpan(0, Math.Min(256, input.Length)))}");
        Console.Error.WriteLine(
            $"replay: dotnet run -c Release --project fuzz/Dht.Engine.Fuzz -- {_options.Target.Name} --replay {Path.GetFullPath(path)}");
    }

    private void CheckProgress()
    {
        long count = Volatile.Read(ref _count);
        _secondsStuck = count == _countSeen ? _secondsStuck + 1 : 0;
        _countSeen = count;
        if (_secondsStuck >= HangSecondsMax)
        {
            Report($"no end within {HangSecondsMax} s");
            Environment.Exit(1);
        }
    }

    private static ulong Name(ReadOnlySpan<byte> input)
    {
        ulong hash = (ulong)input.Length;
        foreach (byte value in input)
        {
            hash = SeededRandomSource.Mix(hash ^ value);
        }

        return hash;
    }
}
