using System.Reflection;
using Dht.Engine.Fuzz;
using Dht.Engine.Fuzz.Canary;
using Dht.Engine.Fuzz.Coverage;
using Dht.Engine.Fuzz.Instrumentation;

namespace Dht.Engine.Tests.Fuzz;

/// <summary>The counters of an instrumented copy, loaded beside the plain assembly.</summary>
public sealed class InstrumentedCopyTests
{
    private delegate int Parse(ReadOnlySpan<byte> input);

    [Fact]
    public void EveryStepOnAPath_IsNews_AndNothingIsNewsTwice()
    {
        (Parse parse, CoverageMap map) = LoadCanary();
        List<int> features = [];
        List<int> fresh = [];
        byte[] input = new byte[8];
        (int At, byte Value)[] changes = [(0, 0), (3, 0xC7), (1, 0x5A), (6, 0xC9), (0, 0x1F)];
        foreach ((int at, byte value) in changes)
        {
            input[at] = value;
            map.Clear();
            parse(input);
            Assert.True(map.HasNews(), $"byte {at}");
            map.Accept(features, fresh);
            Assert.NotEmpty(fresh);
            Assert.True(map.HoldsAll(fresh));
            map.Clear();
            parse(input);
            Assert.False(map.HasNews());
            Assert.True(map.HoldsAll(features));
        }

        map.Clear();
        Assert.False(map.HoldsAll(features));
        Assert.Throws<FuzzFailureException>(() => ThrowAsPlain(parse, [.. input, .. new byte[15]]));
        Assert.Equal(map.FeaturesSeen, map.EdgesSeen);
        Assert.InRange(map.EdgesSeen, 8, map.EdgeCount);
    }

    // The copy throws its own type of the same name.
    private static void ThrowAsPlain(Parse parse, byte[] input)
    {
        try
        {
            parse(input);
        }
        catch (Exception fault) when (fault.GetType().FullName == typeof(FuzzFailureException).FullName)
        {
            throw new FuzzFailureException(fault.Message);
        }
    }

    private static (Parse Parse, CoverageMap Map) LoadCanary()
    {
        Assembly plain = typeof(CanaryParser).Assembly;
        string folder = Path.GetDirectoryName(plain.Location)!;
        string name = plain.GetName().Name!;
        string copy = InstrumentedCopy.Make(folder, name, ["Dht.Engine.Fuzz.Canary"]);
        Assembly loaded = new GuidedContext(folder, name, copy).LoadFromAssemblyName(plain.GetName());
        Assert.NotSame(plain, loaded);
        MethodInfo method =
            loaded.GetType(typeof(CanaryParser).FullName!, throwOnError: true)!.GetMethod(nameof(CanaryParser.Parse))!;
        return (method.CreateDelegate<Parse>(), CoverageMap.Attach(loaded, CoverageNames.Load(copy)));
    }
}
