using Dht.Engine.Krpc;

namespace Dht.Engine.Tests.Krpc;

public sealed class KrpcMutationTests
{
    public static TheoryData<string> Samples => KrpcSamples.Names;

    [Theory]
    [MemberData(nameof(Samples))]
    public void AValidMessage_IsCanonicalAndSound(string name)
    {
        byte[] datagram = KrpcSamples.Get(name);
        Assert.True(CanonicalWalk.IsCanonical(datagram));
        Assert.Equal(KrpcFault.None, KrpcProbe.ParseAndRead(datagram));
        KrpcMessage.Parse(datagram, out KrpcMessage message);
        Assert.Equal(KrpcBodyFault.None, message.BodyFault);
        Assert.Equal(0, message.TrailingBytes);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void AValidMessageCutAnywhere_IsRefused(string name)
    {
        byte[] datagram = KrpcSamples.Get(name);
        for (int length = 0; length < datagram.Length; length++)
        {
            // An array of its own, so that a read beyond the end cannot land in the rest of the message.
            byte[] cut = datagram[..length];
            KrpcFault fault = KrpcProbe.ParseAndRead(cut);
            Assert.True(fault is KrpcFault.NotKrpc or KrpcFault.BadBencode, $"{name} cut at {length}: {fault}");
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void AValidMessageWithOneByteChanged_NeverThrowsAndStaysInShape(string name)
    {
        byte[] datagram = (byte[])KrpcSamples.Get(name).Clone();
        for (int at = 0; at < datagram.Length; at++)
        {
            byte original = datagram[at];
            for (int change = 1; change < 256; change++)
            {
                datagram[at] = (byte)(original ^ change);
                Exception? thrown = Record(datagram);
                Assert.True(thrown == null, $"{name}, byte {at} = {datagram[at]:x2}: {thrown}");
            }

            datagram[at] = original;
        }
    }

    private static Exception? Record(byte[] datagram)
    {
        try
        {
            KrpcProbe.ParseAndRead(datagram);
            return null;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }
}
