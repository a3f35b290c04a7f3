using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Dht.Engine.Fuzz;

/// <summary>
/// Holds the input that is being fed. On Linux it lies at one end of some pages, with a page beside it that cannot be
/// touched: an access beyond that end of the input ends the process. The pages belong to a file, so the input
/// outlives the process.
/// </summary>
/// <remarks>
/// <code>
/// file:    | magic 4 | start 4 | length 4 | ...    | room for the input |
/// memory:  | the first page of the file   | guard  | the rest           | guard |
///                                                    ^ at the front
///                                                       at the back ^
/// </code>
/// Elsewhere the input is an array of its exact length.
/// </remarks>
internal sealed unsafe class GuardedInput : IDisposable
{
    /// <summary>The longest input, in bytes.</summary>
    public const int LengthMax = 16 * 1024;

    private const int HeaderLength = 12;

    private readonly int _page = Environment.SystemPageSize;
    private readonly FileStream? _file;
    private readonly byte* _memory;
    private byte[] _fallback = [];
    private int _start;
    private int _length;

    /// <summary>
    /// Keeps the input in a file that is deleted by <see cref="Dispose"/> and stays if the process is killed.
    /// </summary>
    public GuardedInput(string path)
    {
        FilePath = path;
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        _file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        _file.SetLength(_page + LengthMax);
        nint memory = SystemCalls.Map(
            0, MappedLength, SystemCalls.ProtectionNone, SystemCalls.MapPrivate | SystemCalls.MapAnonymous, -1, 0);
        if (memory == SystemCalls.MapFailed
            || !TryMapFile(memory, _page, 0)
            || !TryMapFile(memory + (2 * _page), LengthMax, _page))
        {
            throw new IOException($"Cannot map {path}: error {Marshal.GetLastPInvokeError()}.");
        }

        _memory = (byte*)memory;
        Magic.CopyTo(Header);
    }

    /// <summary>Where the input is found if the process is killed.</summary>
    public string FilePath { get; }

    /// <summary>The input.</summary>
    public ReadOnlySpan<byte> Current => _memory == null ? _fallback : Room.Slice(_start, _length);

    private static ReadOnlySpan<byte> Magic => "FUZZ"u8;

    private nuint MappedLength => (nuint)((3 * _page) + LengthMax);

    private Span<byte> Header => new(_memory, HeaderLength);

    private Span<byte> Room => new(_memory + (2 * _page), LengthMax);

    /// <summary>
    /// Reads an input from a file: one that was left behind by a killed process, or any other as it is.
    /// </summary>
    public static byte[] Load(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        if (content.Length != Environment.SystemPageSize + LengthMax || !content.AsSpan().StartsWith(Magic))
        {
            return content;
        }

        int start = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(4));
        int length = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(8));
        return content.AsSpan(Environment.SystemPageSize + start, length).ToArray();
    }

    /// <summary>Replaces the input; beyond <see cref="LengthMax"/> bytes it is cut.</summary>
    /// <param name="input">The input.</param>
    /// <param name="atFront">
    /// Whether it begins after the guard in front; otherwise it ends before the one at the back.
    /// </param>
    public void Set(ReadOnlySpan<byte> input, bool atFront)
    {
        input = input[..Math.Min(input.Length, LengthMax)];
        if (_memory == null)
        {
            _fallback = input.ToArray();
            return;
        }

        _length = input.Length;
        _start = atFront ? 0 : LengthMax - _length;
        BinaryPrimitives.WriteInt32LittleEndian(Header[4..], _start);
        BinaryPrimitives.WriteInt32LittleEndian(Header[8..], _length);
        input.CopyTo(Room[_start..]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_file is not null)
        {
            _ = SystemCalls.Unmap((nint)_memory, MappedLength);
            _file.Dispose();
            File.Delete(FilePath);
        }
    }

    private bool TryMapFile(nint address, int length, int offset) => SystemCalls.Map(
        address,
        (nuint)length,
        SystemCalls.ProtectionReadWrite,
        SystemCalls.MapShared | SystemCalls.MapFixed,
        (int)_file!.SafeFileHandle.DangerousGetHandle(),
        offset) != SystemCalls.MapFailed;
}
