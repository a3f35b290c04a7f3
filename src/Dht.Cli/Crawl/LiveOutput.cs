using System.Text;
using Dht.Cli.Output;
using Spectre.Console;

namespace Dht.Cli.Crawl;

/// <summary>
/// The terminal at standard error, through <see cref="StandardError"/>: one that is held (Ctrl-S) or gone holds up
/// nothing. What is written between two flushes is shown as a whole or not at all.
/// </summary>
internal sealed class LiveOutput : TextWriter, IAnsiConsoleOutput
{
    private readonly AnsiConsoleOutput _terminal = new(Console.Error);
    private readonly StringBuilder _pending = new();

    public override Encoding Encoding => Encoding.UTF8;

    TextWriter IAnsiConsoleOutput.Writer => this;

    bool IAnsiConsoleOutput.IsTerminal => _terminal.IsTerminal;

    int IAnsiConsoleOutput.Width => _terminal.Width;

    int IAnsiConsoleOutput.Height => _terminal.Height;

    public override void Write(char value) => _pending.Append(value);

    public override void Write(string? value) => _pending.Append(value);

    public override void Flush()
    {
        if (_pending.Length > 0)
        {
            StandardError.Write(_pending.ToString());
            _pending.Clear();
        }
    }

    void IAnsiConsoleOutput.SetEncoding(Encoding encoding)
    {
        // It is always UTF-8.
    }
}
