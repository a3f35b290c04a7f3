using System.Runtime.InteropServices;

namespace Dht.Engine.Fuzz;

/// <summary>The calls of Linux that make a guard page.</summary>
internal static partial class SystemCalls
{
    public const int ProtectionNone = 0;
    public const int ProtectionReadWrite = 1 | 2;
    public const int MapShared = 1;
    public const int MapPrivate = 2;
    public const int MapFixed = 0x10;
    public const int MapAnonymous = 0x20;
    public const nint MapFailed = -1;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);
}
