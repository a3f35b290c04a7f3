using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Dht.Engine.Fuzz;

/// <summary>
/// Holds the input that is being fed. On Linux it lies at the end of a page, with a page behind it that cannot be read: a read
/// beyond the input ends the process. The pages belong to a file, so the input outlives the process.
/// </summary>
/// <remarks>
/// <code>
/// file:    | magic 4 | length 4 | unused ... input |
/// memory:  | the file                              | guard page |
/// </code>
/// Elsewhere the input is an array of its exact length.
/// </remarks>
internal sealed unsafe class GuardedInput : IDisposable
{
    /// <summary>The longest input, in bytes.</summary>
    public const int LengthMax = Capacity - HeaderLength;

    private const int Capacity = 16 * 1024;
    private const int HeaderLength = 8;

    private readonly FileStream? _file;
    private readonly nint _memory;
    private readonly nuint _mappedLength;
    private byte[] _fallback = [];
    private int _length;

    /// <summary>Keeps the input in a file that is deleted by <see cref="Dispose"/> and stays if the process is killed.</summary>
    public GuardedInput(string path)
    {
        FilePath = path;
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        _file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        _file.SetLength(Capacity);
        _mappedLength = (nuint)(Capacity + Environment.SystemPageSize);
        _memory = SystemCalls.Map(
            0, _mappedLength, SystemCalls.ProtectionNone, SystemCalls.MapPrivate | SystemCalls.MapAnonymous, -1, 0);
        if (_memory == SystemCalls.MapFailed || SystemCalls.Map(
            _memory,
            Capacity,
            SystemCalls.ProtectionReadWrite,
            SystemCalls.MapShared | SystemCalls.MapFixed,
            (int)_file.SafeFileHandle.DangerousGetHandle(),
            0) == SystemCalls.MapFailed)
        {
            throw new IOException($"Cannot map {path}: error {Marshal.GetLastPInvokeError()}.");
        }

        Magic.CopyTo(new Span<byte>((void*)_memory, HeaderLength));
    }

    /// <summary>Where the input is found if the process is killed.</summary>
    public string FilePath { get; }

    /// <summary>The input.</summary>
    public ReadOnlySpan<byte> Current => _memory == 0
        ? _fallback
        : new ReadOnlySpan<byte>((byte*)_memory + Capacity - _length, _length);

    private static ReadOnlySpan<byte> Magic => "FUZZ"u8;

    /// <summary>Reads an input from a file: one that was left behind by a killed process, or any other as it is.</summary>
    public static byte[] Load(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        if (content.Length != Capacity || !content.AsSpan().StartsWith(Magic))
        {
            return content;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(4));
        return content[^length..];
    }

    /// <summary>Replaces the input; beyond <see cref="LengthMax"/> bytes it is cut.</summary>
    public void Set(ReadOnlySpan<byte> input)
    {
        input = input[..Math.Min(input.Length, LengthMax)];
        if (_memory == 0)
        {
            _fallback = input.ToArray();
            return;
        }

        _length = input.Length;
        BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>((byte*)_memory + 4, 4), _length);
        input.CopyTo(new Span<byte>((byte*)_memory + Capacity - _length, _length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_file is not null)
        {
            _ = SystemCalls.Unmap(_memory, _mappedLength);
            _file.Dispose();
            File.Delete(FilePath);
        }
    }
}
