using Dht.Engine.Addressing;

namespace Dht.Engine.Tests.Addressing;

public sealed class NetworkShareTests
{
    [Theory]
    [InlineData("1.2.3.1:1", "1.2.3.{0}:1", 2)]
    [InlineData("1.2.3.1:1", "1.2.{0}.1:1", 8)]
    [InlineData("[2a00:1:2:3::1]:1", "[2a00:1:2:{0}::1]:1", 2)]
    [InlineData("[2a00:1:2:3::1]:1", "[2a00:1:2:1{0}0::1]:1", 3)]
    [InlineData("[2a00:1:2:3::1]:1", "[2a00:1:1{0}:3::1]:1", 4)]
    [InlineData("[2a00:1:2:3::1]:1", "[2a00:1{0}::1]:1", 8)]
    [InlineData("[fd00::1]:1", "[fd00:0:0:{0}::1]:1", 8)]
    [InlineData("127.0.0.1:1", "127.0.0.{0}:1", 8)]
    public void OfEightPlaces_AnOwnerHasItsShare(string first, string others, int places)
    {
        var held = new List<Endpoint>();
        string[] texts =
        [
            first,
            .. Enumerable.Range(2, 7).Select(i => others.Replace("{0}", $"{i}", StringComparison.Ordinal)),
        ];
        foreach (string text in texts)
        {
            Endpoint endpoint = Endpoint.Parse(text);
            var share = new NetworkShare(endpoint);
            held.ForEach(holder => share.Count(holder));
            if (!share.IsFull)
            {
                held.Add(endpoint);
            }
        }

        Assert.Equal(places, held.Count);
    }

    [Theory]
    [InlineData((int)NetworkBlock.Network, 2)]
    [InlineData((int)NetworkBlock.Organisation, 3)]
    [InlineData((int)NetworkBlock.Provider, 4)]
    public void TheShareOfABlock(int block, int places) => Assert.Equal(places, NetworkShare.Of((NetworkBlock)block));
}
