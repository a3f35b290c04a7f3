namespace Dht.Engine.Fuzz.Programs;

/// <summary>
/// One command of a program: what to do, and with what. Any four bytes are one, so that every change makes a program.
/// </summary>
/// <param name="Code">What to do, modulo what the target can.</param>
/// <param name="A">The first argument.</param>
/// <param name="B">The second.</param>
/// <param name="C">The third.</param>
internal readonly record struct Command(byte Code, byte A, byte B, byte C)
{
    /// <summary>Bytes of a command.</summary>
    public const int Size = 4;

    /// <summary>The second and the third argument as one number.</summary>
    public int Number => (B << 8) | C;

    /// <summary>The command at a place of a program.</summary>
    public static Command At(ReadOnlySpan<byte> program, int index)
    {
        ReadOnlySpan<byte> bytes = program.Slice(index * Size, Size);
        return new Command(bytes[0], bytes[1], bytes[2], bytes[3]);
    }
}
