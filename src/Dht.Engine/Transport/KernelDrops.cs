using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dht.Engine.Transport;

/// <summary>
/// How many datagrams the system threw away before they could be received, nearly always because a socket's receive
/// buffer was full (bad checksums are counted too). Linux counts them for each socket and reports them by SO_MEMINFO,
/// which costs nothing for a packet, as SO_RXQ_OVFL would. Elsewhere it stays 0. Thread-safe.
/// </summary>
internal sealed class KernelDrops(Socket socket)
{
    private const int SolSocket = 1;
    private const int SoMemInfo = 55;

    // struct: nine numbers of 32 bits, the last is SK_MEMINFO_DROPS.
    private const int Fields = 9;

    private readonly Lock _gate = new();
    private long _total;
    private bool _isOver = !OperatingSystem.IsLinux();

    /// <summary>Datagrams so far. After the socket is closed, what was last read.</summary>
    public long Read()
    {
        Span<uint> fields = stackalloc uint[Fields];
        lock (_gate)
        {
            try
            {
                Span<byte> bytes = MemoryMarshal.AsBytes(fields);
                if (!_isOver && socket.GetRawSocketOption(SolSocket, SoMemInfo, bytes) == bytes.Length)
                {
                    // The kernel's count has 32 bits and wraps.
                    _total += fields[^1] - (uint)_total;
                }
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                // A kernel older than 4.12, or a socket that is closed: nothing new will be known.
                _isOver = true;
            }

            return _total;
        }
    }
}
