using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Dht.Tools.Arguments;

/// <summary>
/// Options whose complaints are one clear sentence each, and whose numbers are read the same under every culture. All
/// programs of this repository have their options from here.
/// </summary>
public static class OptionFactory
{
    private const NumberStyles Styles =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>An option without a value.</summary>
    /// <param name="name">With its hyphens.</param>
    /// <param name="description">One sentence for the help.</param>
    public static Option<bool> Flag(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>A number that need not be given.</summary>
    /// <param name="name">With its hyphens.</param>
    /// <param name="unit">What the help calls the value.</param>
    /// <param name="description">One sentence for the help.</param>
    /// <param name="min">The least that is accepted.</param>
    /// <param name="max">The most that is accepted.</param>
    public static Option<T?> Number<T>(string name, string unit, string description, T min, T max)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = unit,
            CustomParser = result => ParseNumber(result, name, min, max),
        };

    /// <summary>A number that is <paramref name="otherwise"/> when it is not given; the help says so.</summary>
    /// <param name="name">With its hyphens.</param>
    /// <param name="unit">What the help calls the value.</param>
    /// <param name="description">One sentence for the help.</param>
    /// <param name="min">The least that is accepted.</param>
    /// <param name="max">The most that is accepted.</param>
    /// <param name="otherwise">The default value.</param>
    public static Option<T> Number<T>(string name, string unit, string description, T min, T max, T otherwise)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = unit,
            DefaultValueFactory = _ => otherwise,
            CustomParser = result => ParseNumber(result, name, min, max) ?? otherwise,
        };

    /// <summary>One of a few words, in any case; the first unless another is given.</summary>
    /// <param name="name">With its hyphens.</param>
    /// <param name="description">One sentence for the help.</param>
    /// <param name="words">What can be chosen.</param>
    public static Option<string> Choice(string name, string description, params string[] words) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', words),
        DefaultValueFactory = _ => words[0],
        CustomParser = result => ParseWord(result, name, words),
    };

    /// <summary>One of a few words, in any case, each of which stands for a value.</summary>
    /// <param name="name">With its hyphens.</param>
    /// <param name="description">One sentence for the help.</param>
    /// <param name="otherwise">The default value; the help shows it.</param>
    /// <param name="choices">The words and their values.</param>
    public static Option<T> Choice<T>(
        string name, string description, T otherwise, params (string Word, T Value)[] choices)
    {
        string[] words = Array.ConvertAll(choices, static choice => choice.Word);
        return new(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
                ParseWord(result, name, words) is { } word ? choices[Array.IndexOf(words, word)].Value : otherwise,
        };
    }

    /// <summary>A file or a folder.</summary>
    /// <param name="name">With its hyphens.</param>
    /// <param name="unit">What the help calls the value.</param>
    /// <param name="description">One sentence for the help.</param>
    /// <param name="fault">What is wrong with a path that is not empty; null when nothing is.</param>
    public static Option<string?> Path(
        string name, string unit, string description, Func<string, string?>? fault = null) => new(name)
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

    /// <summary>
    /// Reads the number of an option or an argument; what is wrong with it becomes an error of the result.
    /// </summary>
    /// <param name="result">With one token.</param>
    /// <param name="name">What the complaint calls it.</param>
    /// <param name="min">The least that is accepted.</param>
    /// <param name="max">The most that is accepted.</param>
    /// <returns>Null after an error.</returns>
    public static T? ParseNumber<T>(ArgumentResult result, string name, T min, T max)
        where T : struct, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(result);
        string text = result.Tokens[0].Value;

        // Both comparisons are false for NaN.
        if (T.TryParse(text, Styles, CultureInfo.InvariantCulture, out T value) && value >= min && value <= max)
        {
            return value;
        }

        string kind = typeof(T) == typeof(double) ? "number" : "whole number";
        result.AddError(string.Create(
            CultureInfo.InvariantCulture, $"{name} takes a {kind} from {min} to {max}, not '{text}'"));
        return null;
    }

    private static string? ParseWord(ArgumentResult result, string name, string[] words)
    {
        string text = result.Tokens[0].Value;
        string? chosen = Array.Find(words, word => word.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (chosen is null)
        {
            string all = words.Length < 2 ? words[0] : $"{string.Join(", ", words[..^1])} or {words[^1]}";
            result.AddError($"{name} takes {all}, not '{text}'");
        }

        return chosen;
    }
}
