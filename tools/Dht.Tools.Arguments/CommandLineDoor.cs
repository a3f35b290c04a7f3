using System.CommandLine;
using System.CommandLine.Parsing;

namespace Dht.Tools.Arguments;

/// <summary>
/// From arguments to an exit code. What is wrong with them is said in one line on standard error, before any work
/// begins.
/// </summary>
public static class CommandLineDoor
{
    /// <summary>The exit code of wrong arguments.</summary>
    public const int BadArguments = 2;

    // "@name" is an argument like any other, not a file to read arguments from.
    private static readonly ParserConfiguration Grammar = new() { ResponseFileTokenReplacer = null };

    // Signals are the commands' own business, and what they do not catch is a fault of theirs.
    private static readonly InvocationConfiguration Plain = new()
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };

    /// <summary>Reads the arguments and does what they say.</summary>
    /// <param name="root">Its name is the program's path; people know it as <paramref name="program"/>.</param>
    /// <param name="program">A short name.</param>
    /// <param name="args">As the program was given them.</param>
    /// <returns>The exit code of the command, or <see cref="BadArguments"/>.</returns>
    public static async Task<int> RunAsync(RootCommand root, string program, string[] args)
    {
        ParseResult parsed = Parse(root, args);
        if (parsed.Errors.Count == 0)
        {
            return await InvokeAsync(parsed).ConfigureAwait(false);
        }

        await Console.Error.WriteLineAsync($"{program}: {Describe(parsed, program)}").ConfigureAwait(false);
        return BadArguments;
    }

    /// <summary>Reads the arguments.</summary>
    /// <param name="root">The commands and options that there are.</param>
    /// <param name="args">As the program was given them.</param>
    public static ParseResult Parse(RootCommand root, string[] args)
    {
        ArgumentNullException.ThrowIfNull(root);
        return root.Parse(args, Grammar);
    }

    /// <summary>Runs the command that was given. What it throws comes out; signals are left to it.</summary>
    /// <param name="parsed">Without errors.</param>
    /// <returns>The exit code of the command.</returns>
    public static Task<int> InvokeAsync(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.InvokeAsync(Plain);
    }

    /// <summary>What is wrong and where the help is, in one line without a full stop.</summary>
    /// <param name="parsed">With errors.</param>
    /// <param name="program">What people call the program.</param>
    public static string Describe(ParseResult parsed, string program)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        Command command = parsed.CommandResult.Command;
        string name = command is RootCommand ? program : $"{program} {command.Name}";
        return $"{Complaint(parsed)} (see {name} --help)";
    }

    /// <summary>What is wrong, in one line without a full stop.</summary>
    /// <param name="parsed">With errors.</param>
    public static string Complaint(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);

        // A wrong word in the place of an argument is reported before whatever follows it.
        ParseError? misplaced = parsed.Errors.FirstOrDefault(
            static error => error.SymbolResult is ArgumentResult { Parent: CommandResult, Tokens.Count: > 0 });
        if (misplaced == null && parsed.UnmatchedTokens.Count > 0)
        {
            string token = parsed.UnmatchedTokens[0];
            string what = token.StartsWith('-') ? "option" : TakesCommand(parsed) ? "command" : "argument";
            return $"unknown {what} '{token}'".ReplaceLineEndings(" ");
        }

        if (misplaced == null && TakesCommand(parsed))
        {
            return "a command is missing";
        }

        ParseError error = misplaced ?? parsed.Errors[0];
        string complaint = error.SymbolResult switch
        {
            OptionResult { Tokens.Count: 0 } option => $"{option.Option.Name} needs a value",
            OptionResult { IdentifierTokenCount: > 1 } option when option.Option.Arity.MaximumNumberOfValues < 2 =>
                $"{option.Option.Name} is given more than once",
            ArgumentResult { Parent: CommandResult, Tokens.Count: 0 } argument =>
                $"{argument.Argument.Name} is missing",
            _ => error.Message.TrimEnd('.'),
        };
        return complaint.ReplaceLineEndings(" ");
    }

    private static bool TakesCommand(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Any(static command => !command.Hidden);
}
