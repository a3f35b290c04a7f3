using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Storage;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Storage;

public sealed class TokenVaultTests
{
    private static readonly InfoHash Torrent = InfoHash.Parse("0123456789abcdef0123456789abcdef01234567");
    private static readonly Endpoint Asker = Endpoint.Parse("8.8.8.8:6881");

    private readonly TokenVault _vault = new(new SeededRandomSource(1));

    [Fact]
    public void AToken_IsGoodForItsAddressWhateverThePort()
    {
        byte[] token = Token(Asker, Torrent);
        Assert.True(_vault.Check(token, Asker, Torrent));
        Assert.True(_vault.Check(token, Asker.WithPort(1), Torrent));
    }

    [Theory]
    [InlineData("8.8.8.9:6881")]
    [InlineData("8.8.9.8:6881")]
    [InlineData("[::808:808]:6881")]
    [InlineData("[::ffff:8.8.8.8]:6881")]
    [InlineData("[808:808::]:6881")]
    public void AnotherAddressesToken_IsRefused(string other)
    {
        var endpoint = Endpoint.Parse(other);
        Assert.False(_vault.Check(Token(endpoint, Torrent), Asker, Torrent));
        Assert.False(_vault.Check(Token(Asker, Torrent), endpoint, Torrent));
        Assert.True(_vault.Check(Token(endpoint, Torrent), endpoint, Torrent));
    }

    [Fact]
    public void AnotherInfoHashesToken_IsRefused() =>
        Assert.False(_vault.Check(Token(Asker, InfoHash.Random(new SeededRandomSource(2))), Asker, Torrent));

    [Fact]
    public void ATokenIsGoodAfterOneRotation_AndBadAfterTwo()
    {
        byte[] token = Token(Asker, Torrent);
        _vault.Rotate();
        Assert.True(_vault.Check(token, Asker, Torrent));
        Assert.NotEqual(token, Token(Asker, Torrent));
        _vault.Rotate();
        Assert.False(_vault.Check(token, Asker, Torrent));
    }

    [Fact]
    public void ATokenOfAnotherLength_IsRefused()
    {
        byte[] token = Token(Asker, Torrent);
        for (int length = 0; length < 64; length++)
        {
            byte[] other = new byte[length];
            token.AsSpan(0, Math.Min(length, token.Length)).CopyTo(other);
            Assert.Equal(length == TokenVault.TokenSize, _vault.Check(other, Asker, Torrent));
        }
    }

    [Fact]
    public void EverySingleBit_Counts()
    {
        byte[] token = Token(Asker, Torrent);
        for (int bit = 0; bit < 64; bit++)
        {
            token[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.False(_vault.Check(token, Asker, Torrent));
            token[bit >> 3] ^= (byte)(1 << (bit & 7));
        }

        Assert.True(_vault.Check(token, Asker, Torrent));
    }

    [Fact]
    public void TwoVaults_GiveDifferentTokens()
    {
        byte[] token = Token(Asker, Torrent);
        Assert.False(new TokenVault(new SeededRandomSource(2)).Check(token, Asker, Torrent));
    }

    [Fact]
    public void Use_AllocatesNothing() => Assert.Equal(0, AllocationGuard.OnThread(_vault, static vault =>
    {
        Span<byte> token = stackalloc byte[TokenVault.TokenSize];
        for (int i = 0; i < 100; i++)
        {
            vault.Write(Asker, Torrent, token);
            vault.Check(token, Asker.WithPort(7), Torrent);
            token[0]++;
            vault.Check(token, Asker, Torrent);
            vault.Rotate();
        }
    }));

    private byte[] Token(Endpoint asker, InfoHash infoHash)
    {
        byte[] token = new byte[TokenVault.TokenSize];
        _vault.Write(asker, infoHash, token);
        return token;
    }
}
