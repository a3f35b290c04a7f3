using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Dht.Engine.Crawling;

/// <summary>
/// Tells the processor what will be read soon, so that several misses of the cache are waited for at the same time.
/// </summary>
internal static unsafe class CacheHint
{
    /// <summary>Asks for the line that holds a byte. Nothing happens on a processor without such a hint.</summary>
    // The collector may move the array meanwhile: then the wrong line is fetched, which does no harm.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch<T>(ref readonly T place)
        where T : unmanaged
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in place)));
        }
    }
}
