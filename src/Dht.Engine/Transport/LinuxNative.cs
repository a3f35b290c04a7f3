using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dht.Engine.Transport;

/// <summary>The system calls of Linux that move many datagrams at a time, with their structures. 64-bit only.</summary>
internal static unsafe partial class LinuxNative
{
    public const int AfInet = 2;
    public const int AfInet6 = 10;
    public const int MsgTrunc = 0x20;
    public const int MsgDontWait = 0x40;
    public const short PollIn = 1;
    public const short PollOut = 4;
    public const int Eintr = 4;
    public const int Eagain = 11;
    public const int Enobufs = 105;
    private const int Eperm = 1;
    private const int Eacces = 13;
    private const int Einval = 22;
    private const int Emsgsize = 90;
    private const int Eaddrnotavail = 99;
    private const int Enetdown = 100;
    private const int Enetunreach = 101;
    private const int Econnrefused = 111;
    private const int Ehostunreach = 113;
    private const int EfdNonblockCloexec = 0x800 | 0x80000;

    public static bool IsSupported => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>The framework's name of an error number of the system, as far as a UDP socket meets it.</summary>
    public static SocketError ErrorOf(int number) => number switch
    {
        0 => SocketError.Success,
        Eperm or Eacces => SocketError.AccessDenied,
        Eagain => SocketError.WouldBlock,
        Einval => SocketError.InvalidArgument,
        Emsgsize => SocketError.MessageSize,
        Eaddrnotavail => SocketError.AddressNotAvailable,
        Enetdown => SocketError.NetworkDown,
        Enetunreach => SocketError.NetworkUnreachable,
        Enobufs => SocketError.NoBufferSpaceAvailable,
        Econnrefused => SocketError.ConnectionRefused,
        Ehostunreach => SocketError.HostUnreachable,
        _ => SocketError.SocketError,
    };

    public static int CreateEvent() => eventfd(0, EfdNonblockCloexec);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int socket, MessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, TimeSpec* timeout, void* signalMask);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int file, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int file, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    /// <summary>struct mmsghdr: a msghdr and the length that was moved.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;

        // sizeof(struct msghdr) is a multiple of 8, so its end is padded and the length lies at 56, not at 52.
        private readonly uint _padding;
        public uint Length;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int File;
        public short Events;
        public short Returned;
    }

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;

        public static TimeSpec From(TimeSpan span) => new()
        {
            Seconds = span.Ticks / TimeSpan.TicksPerSecond,
            Nanoseconds = span.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick,
        };
    }
}
