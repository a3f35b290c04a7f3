using System.Reflection;
using System.Runtime.Intrinsics;
using Dht.Engine.Fuzz.Instrumentation;

namespace Dht.Engine.Fuzz.Coverage;

/// <summary>
/// The counters of an instrumented assembly, and which of their classes inputs have reached. A feature is a counter
/// together with a class: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more; its number is eight times the counter's
/// plus the class.
/// </summary>
internal sealed unsafe class CoverageMap
{
    private static readonly Vector128<byte> Low = Vector128.Create(
        0, 1, 2, 4, 8, 8, 8, 8, 16, 16, 16, 16, 16, 16, 16, (byte)16);
    private static readonly Vector128<byte> High =
        Vector128.Create(0, 32, 64, 64, 64, 64, 64, 64, 128, 128, 128, 128, 128, 128, 128, (byte)128);

    private readonly byte* _counters;
    private readonly int _length;
    private readonly byte[] _seen;

    private CoverageMap(byte* counters, CoverageNames names)
    {
        _counters = counters;
        Names = names;
        _length = (names.Methods.Count + CountersClass.Block - 1) / CountersClass.Block * CountersClass.Block;
        _seen = new byte[_length];
    }

    /// <summary>What the counters count.</summary>
    public CoverageNames Names { get; }

    /// <summary>Counters that there are.</summary>
    public int EdgeCount => Names.Methods.Count;

    /// <summary>Counters reached by inputs that <see cref="Accept"/> was called for.</summary>
    public int EdgesSeen => _seen.Count(static classes => classes != 0);

    /// <summary>Features reached by such inputs.</summary>
    public int FeaturesSeen => _seen.Sum(static classes => System.Numerics.BitOperations.PopCount(classes));

    /// <summary>Features that there can be.</summary>
    public int FeatureCount => 8 * _length;

    /// <summary>Finds the counters of a loaded copy.</summary>
    public static CoverageMap Attach(Assembly instrumented, CoverageNames names)
    {
        FieldInfo field = instrumented.GetType(InstrumentedCopy.CountersType, throwOnError: true)!
            .GetField(InstrumentedCopy.CountersField, BindingFlags.Static | BindingFlags.NonPublic)!;
        return new CoverageMap((byte*)(nint)field.GetValue(null)!, names);
    }

    /// <summary>Whether the counter was reached by an accepted input.</summary>
    public bool IsSeen(int edge) => _seen[edge] != 0;

    /// <summary>Sets all counters to zero.</summary>
    public void Clear() => new Span<byte>(_counters, _length).Clear();

    /// <summary>Whether the counters hold a feature that no accepted input has reached.</summary>
    public bool HasNews()
    {
        fixed (byte* seen = _seen)
        {
            for (int i = 0; i < _length; i += Vector256<byte>.Count)
            {
                // Most blocks are empty.
                if (Vector256.Load(_counters + i) == Vector256<byte>.Zero)
                {
                    continue;
                }

                Vector128<byte> news = Vector128.AndNot(Classes(_counters + i), Vector128.Load(seen + i))
                    | Vector128.AndNot(Classes(_counters + i + 16), Vector128.Load(seen + i + 16));
                if (news != Vector128<byte>.Zero)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Notes the features that the counters hold.</summary>
    /// <param name="features">All of them; emptied before.</param>
    /// <param name="fresh">Those that are new; emptied before.</param>
    public void Accept(List<int> features, List<int> fresh)
    {
        features.Clear();
        fresh.Clear();
        for (int i = 0; i < _length; i++)
        {
            if (_counters[i] != 0)
            {
                int kind = KindOf(_counters[i]);
                features.Add((8 * i) + kind);
                if ((_seen[i] & (1 << kind)) == 0)
                {
                    fresh.Add((8 * i) + kind);
                }

                _seen[i] |= (byte)(1 << kind);
            }
        }
    }

    /// <summary>Whether the counters hold all of these features.</summary>
    public bool HoldsAll(List<int> features)
    {
        foreach (int feature in features)
        {
            byte count = _counters[feature >> 3];
            if (count == 0 || KindOf(count) != (feature & 7))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The class of a count above zero, 0 to 7.</summary>
    internal static int KindOf(byte count) => count switch
    {
        <= 3 => count - 1,
        <= 7 => 3,
        <= 15 => 4,
        <= 31 => 5,
        <= 127 => 6,
        _ => 7,
    };

    /// <summary>The classes of 16 counts, each as one bit; none for a count of zero.</summary>
    internal static Vector128<byte> Classes(byte* counts)
    {
        Vector128<byte> value = Vector128.Load(counts);
        Vector128<byte> high = value >>> 4;
        Vector128<byte> ofLow = Vector128.Shuffle(Low, value & Vector128.Create((byte)15));
        return Vector128.ConditionalSelect(
            Vector128.Equals(high, Vector128<byte>.Zero), ofLow, Vector128.Shuffle(High, high));
    }
}
