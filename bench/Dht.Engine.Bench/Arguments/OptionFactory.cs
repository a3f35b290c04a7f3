using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Dht.Engine.Bench.Arguments;

/// <summary>
/// Options whose complaints are one clear sentence each, and whose numbers are read the same under every culture. The fuzzer has them too.
/// </summary>
internal static class OptionFactory
{
    public static Option<bool> Flag(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>A number that need not be given.</summary>
    public static Option<T?> Number<T>(string name, string unit, string description, T min, T max)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = unit,
            CustomParser = result => ParseNumber(result, name, min, max),
        };

    /// <summary>A number that is <paramref name="otherwise"/> when it is not given; the help says so.</summary>
    public static Option<T> Number<T>(string name, string unit, string description, T min, T max, T otherwise)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = unit,
            DefaultValueFactory = _ => otherwise,
            CustomParser = result => ParseNumber(result, name, min, max) ?? otherwise,
        };

    /// <summary>One of a few words, in any case; the first unless another is given.</summary>
    public static Option<string> Choice(string name, string description, params string[] words) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', words),
        DefaultValueFactory = _ => words[0],
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            string? chosen = Array.Find(words, word => word.Equals(text, StringComparison.OrdinalIgnoreCase));
            if (chosen is null)
            {
                result.AddError($"{name} takes {string.Join(" or ", words)}, not '{text}'");
            }

            return chosen;
        },
    };

    /// <summary>A file or a folder.</summary>
    /// <param name="name">With its hyphens.</param>
    /// <param name="unit">What the help calls the value.</param>
    /// <param name="description">One sentence for the help.</param>
    /// <param name="fault">What is wrong with a path that is not empty; null when nothing is.</param>
    public static Option<string?> Path(string name, string unit, string description, Func<string, string?>? fault = null) => new(name)
    {
        Description = description,
        HelpName = unit,
        CustomParser = result =>
        {
            string path = result.Tokens[0].Value;
            if ((path.Length == 0 ? "it is empty" : fault?.Invoke(path)) is { } reason)
            {
                result.AddError($"{name}: cannot use '{path}': {reason}");
            }

            return path;
        },
    };

    private static T? ParseNumber<T>(ArgumentResult result, string name, T min, T max)
        where T : struct, INumber<T>
    {
        // Written so that no number at all (NaN) is refused too.
        string text = result.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T value) && value >= min && value <= max)
        {
            return value;
        }

        string kind = typeof(T) == typeof(double) ? "number" : "whole number";
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes a {kind} from {min} to {max}, not '{text}'"));
        return null;
    }
}
