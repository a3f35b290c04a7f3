namespace Dht.Engine.Fuzz.Programs;

/// <summary>
/// What runs inputs as programs of commands. The first one chooses the options; bytes that fill no command are left
/// out.
/// </summary>
internal abstract class CommandProgram
{
    // A walk through all of the state costs as much as several commands.
    private const int InvariantsEvery = 16;

    /// <summary>Runs one, from its beginning to its end.</summary>
    public void Run(ReadOnlySpan<byte> program)
    {
        int count = program.Length / Command.Size;
        if (count == 0)
        {
            return;
        }

        Begin(Command.At(program, 0));
        for (int i = 1; i < count; i++)
        {
            Do(Command.At(program, i));
            if (i % InvariantsEvery == 0)
            {
                CheckInvariants();
            }
        }

        Finish();
        CheckInvariants();
    }

    /// <summary>Creates everything afresh, so that nothing is left of the program before.</summary>
    protected abstract void Begin(Command setting);

    /// <summary>Does what one command says, and checks what must hold after each.</summary>
    protected abstract void Do(Command command);

    /// <summary>Walks all of the state of what is tested (see <c>Invariants/Invariant.cs</c>).</summary>
    protected abstract void CheckInvariants();

    /// <summary>Checks what must hold at the end.</summary>
    protected abstract void Finish();
}
