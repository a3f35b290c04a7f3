using System.Globalization;
using Dht.Engine.Tests.Architecture;
using Dht.Engine.Transport;
using Xunit.Abstractions;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// The whole process, the engine's thread and the threads it talks to together, allocates nothing per packet once
/// warm. It is measured in a process of its own, because a test host allocates now and then by itself.
/// </summary>
[Collection(QuietProcess.Name)]
public sealed class DhtEngineAllocationTests(ITestOutputHelper output)
{
    public static TheoryData<TransportKind> Transports => Loopback.Transports;

    [Theory]
    [MemberData(nameof(Transports))]
    public void AMillionAnswers_To61Senders_AllocateNothing(TransportKind kind) =>
        AssertNothing("answers", kind, 1_000_000);

    [Theory]
    [MemberData(nameof(Transports))]
    public void ACrawlOf100000Nodes_AllocatesNothingOnceWarm(TransportKind kind) =>
        AssertNothing("crawl", kind, 300_000);

    private void AssertNothing(string measurement, TransportKind kind, long packetsMin)
    {
        string line = MeasuredProcess.Run(measurement, kind.ToString());
        output.WriteLine($"{measurement} over {kind}: {line}");
        string[] words = line.Split(' ');
        long packets = long.Parse(words[0], CultureInfo.InvariantCulture);
        long allocated = long.Parse(words[1], CultureInfo.InvariantCulture);
        Assert.InRange(packets, packetsMin, 3 * packetsMin);
        Assert.True(allocated < packets / 100, $"{allocated} bytes over {packets} packets");
    }
}
