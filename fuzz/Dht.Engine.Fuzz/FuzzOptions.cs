using System.Globalization;

namespace Dht.Engine.Fuzz;

/// <summary>What the command line asks for.</summary>
internal sealed record FuzzOptions
{
    /// <summary>The form of the command line.</summary>
    public const string Usage = "--list | TARGET [--seconds N] [--seed S] [--replay FILE]";

    /// <summary>What to feed.</summary>
    public required IFuzzTarget Target { get; init; }

    /// <summary>For how long.</summary>
    public int Seconds { get; init; } = 60;

    /// <summary>The number that all inputs follow from.</summary>
    public ulong Seed { get; init; } = (ulong)DateTime.UtcNow.Ticks;

    /// <summary>A file that holds the one input to feed, or null.</summary>
    public string? ReplayPath { get; init; }

    /// <summary>Reads the command line, or says in one line what is wrong with it.</summary>
    public static bool TryParse(string[] arguments, IReadOnlyList<IFuzzTarget> targets, out FuzzOptions? options, out string message)
    {
        options = null;
        string names = string.Join(", ", targets.Select(static target => target.Name));
        if (arguments.Length == 0)
        {
            message = $"usage: {Usage}; targets: {names}";
            return false;
        }

        IFuzzTarget? target = targets.FirstOrDefault(target => target.Name == arguments[0]);
        if (target is null)
        {
            message = $"unknown target '{arguments[0]}'; targets: {names}";
            return false;
        }

        FuzzOptions parsed = new() { Target = target };
        for (int i = 1; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            FuzzOptions? next = parsed.With(arguments[i], value);
            if (next is null)
            {
                message = $"cannot use '{arguments[i]} {value}'; usage: {Usage}";
                return false;
            }

            parsed = next;
        }

        options = parsed;
        message = "";
        return true;
    }

    private FuzzOptions? With(string name, string value) => name switch
    {
        "--seconds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) =>
            this with { Seconds = seconds },
        "--seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) =>
            this with { Seed = seed },
        "--replay" when value.Length > 0 => this with { ReplayPath = value },
        _ => null,
    };
}
