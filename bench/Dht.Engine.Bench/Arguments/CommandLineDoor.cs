using System.CommandLine;
using System.CommandLine.Parsing;

namespace Dht.Engine.Bench.Arguments;

/// <summary>From arguments to an exit code. What is wrong with them is said in one line on standard error, before any work begins.</summary>
internal static class CommandLineDoor
{
    /// <summary>The exit code of wrong arguments.</summary>
    public const int BadArguments = 2;

    // "@name" is an argument like any other, not a file to read arguments from.
    private static readonly ParserConfiguration Grammar = new() { ResponseFileTokenReplacer = null };

    // Signals are the commands' own business, and what they do not catch is a fault of theirs.
    private static readonly InvocationConfiguration Plain = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    /// <summary>Reads the arguments and does what they say.</summary>
    /// <param name="root">Its name is the program's path; people know it as <paramref name="program"/>.</param>
    /// <param name="program">A short name.</param>
    /// <param name="args">As the program was given them.</param>
    public static async Task<int> RunAsync(RootCommand root, string program, string[] args)
    {
        ParseResult parsed = Parse(root, args);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync(Plain).ConfigureAwait(false);
        }

        Command command = parsed.CommandResult.Command;
        string name = command is RootCommand ? program : command.Name;
        await Console.Error.WriteLineAsync($"{name}: {Complaint(parsed)} (see {name} --help)").ConfigureAwait(false);
        return BadArguments;
    }

    /// <summary>Reads the arguments.</summary>
    public static ParseResult Parse(RootCommand root, string[] args) => root.Parse(args, Grammar);

    /// <summary>What is wrong, in one line without a full stop.</summary>
    /// <param name="parsed">With errors.</param>
    public static string Complaint(ParseResult parsed)
    {
        // What stands where an argument belongs, and is none, comes before whatever stands behind it.
        ParseError? misplaced = parsed.Errors.FirstOrDefault(static error => error.SymbolResult is ArgumentResult { Parent: CommandResult });
        if (misplaced == null && parsed.UnmatchedTokens.Count > 0)
        {
            string token = parsed.UnmatchedTokens[0];
            bool hasCommands = parsed.CommandResult.Command.Subcommands.Any(static command => !command.Hidden);
            string what = token.StartsWith('-') ? "option" : hasCommands ? "command" : "argument";
            return $"unknown {what} '{token}'".ReplaceLineEndings(" ");
        }

        ParseError error = misplaced ?? parsed.Errors[0];
        string complaint = error.SymbolResult switch
        {
            OptionResult { Tokens.Count: 0 } option => $"{option.Option.Name} needs a value",
            OptionResult { IdentifierTokenCount: > 1 } option when option.Option.Arity.MaximumNumberOfValues < 2 =>
                $"{option.Option.Name} is given more than once",
            _ => error.Message.TrimEnd('.'),
        };
        return complaint.ReplaceLineEndings(" ");
    }
}
