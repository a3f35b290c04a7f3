using Dht.Engine.Tests.House;
using Dht.Engine.Transport;
using Xunit.Abstractions;

namespace Dht.Engine.Tests.Roof;

/// <summary>
/// The whole process, the engine's thread and the senders together, allocates nothing per packet once warm. It is measured in a
/// process of its own, because a test host allocates now and then by itself.
/// </summary>
[Collection(QuietProcess.Name)]
public sealed class DhtEngineAllocationTests(ITestOutputHelper output)
{
    public static TheoryData<TransportKind> Transports => Loopback.Transports;

    [Theory]
    [MemberData(nameof(Transports))]
    public void AMillionAnswers_To61Senders_AllocateNothing(TransportKind kind)
    {
        string line = MeasuredProcess.Run("answers", kind.ToString());
        output.WriteLine($"{kind}: {line}");
        string[] words = line.Split(' ');
        long answered = long.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture);
        long allocated = long.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(answered, 1_000_000, 2_000_000);
        Assert.True(allocated < answered / 100, $"{allocated} bytes over {answered} answers");
    }
}
