using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dht.Engine.Fuzz.Instrumentation;

/// <summary>The literals that methods hold: u8 strings, strings, and numbers too large to be met by chance.</summary>
internal sealed class LiteralHarvest
{
    private const int LengthMax = 32;
    private const int CountMax = 256;

    private readonly SortedSet<string> _hex = new(StringComparer.Ordinal);

    /// <summary>What was found, in hexadecimal, sorted.</summary>
    public IEnumerable<string> All => _hex.Take(CountMax);

    /// <summary>Adds the literals of one method.</summary>
    public void Take(MethodDefinition method)
    {
        foreach (Instruction instruction in method.Body.Instructions)
        {
            switch (instruction.Operand)
            {
                case FieldReference reference when reference.Resolve() is { HasFieldRVA: true } field:
                    Add(field.InitialValue);
                    break;
                case string text when text.All(char.IsAscii) && text.Length <= 16 && !text.Contains(' '):
                    Add(Encoding.ASCII.GetBytes(text));
                    break;
                case int number when number is > 255 or < -1:
                    AddNumber(number, sizeof(int));
                    break;
                case long number when number is > 255 or < -1:
                    AddNumber(number, sizeof(long));
                    break;
            }
        }
    }

    private void AddNumber(long number, int size)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        Add(bytes.AsSpan(sizeof(long) - size));
        bytes.AsSpan().Reverse();
        Add(bytes.AsSpan(0, size));
        Add(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
    }

    private void Add(ReadOnlySpan<byte> literal)
    {
        // The compiler ends a u8 literal with a zero that is no part of it; a number may lose one as well.
        literal = literal.TrimEnd((byte)0);
        if (literal.Length is > 0 and <= LengthMax)
        {
            _hex.Add(Convert.ToHexString(literal));
        }
    }
}
