using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Storage;

namespace Dht.Engine.Bench;

/// <summary>Write tokens for 1,024 askers: made, found good, and found bad, for which both secrets are tried.</summary>
[MemoryDiagnoser]
public class TokenVaultBenchmarks
{
    private readonly byte[] _tokens = new byte[Inputs.Count * TokenVault.TokenSize];
    private readonly byte[] _madeUp = new byte[TokenVault.TokenSize];
    private TokenVault _vault = null!;
    private Endpoint[] _askers = [];
    private InfoHash[] _infoHashes = [];

    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _vault = new TokenVault(random);
        _askers = Inputs.Endpoints(Family, random);
        _infoHashes = Inputs.InfoHashes(random);
        Write();
        if (Check() != Inputs.Count || CheckMadeUp() != 0)
        {
            throw new InvalidOperationException("The vault does not know its tokens.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int Write()
    {
        for (int i = 0; i < Inputs.Count; i++)
        {
            _vault.Write(_askers[i], _infoHashes[i], TokenAt(i));
        }

        return _tokens[0];
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Check()
    {
        int good = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            good += _vault.Check(TokenAt(i), _askers[i], _infoHashes[i]) ? 1 : 0;
        }

        return good;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int CheckMadeUp()
    {
        int good = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            good += _vault.Check(_madeUp, _askers[i], _infoHashes[i]) ? 1 : 0;
        }

        return good;
    }

    private Span<byte> TokenAt(int i) => _tokens.AsSpan(i * TokenVault.TokenSize, TokenVault.TokenSize);
}
