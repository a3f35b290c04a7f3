namespace Dht.Engine.Tests.Cli;

[Collection(CliCollection.Name)]
public sealed class BadArgumentsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("frobnicate")]
    [InlineData("--json")]
    [InlineData("crawl --samples --swarm 5")]
    [InlineData("crawl --metadata --swarm 5")]
    [InlineData("crawl --frobnicate")]
    [InlineData("crawl stray --swarm 5")]
    [InlineData("crawl --rate")]
    [InlineData("crawl --swarm 5 --rate -1")]
    [InlineData("crawl --swarm 5 --rate 1.5")]
    [InlineData("crawl --swarm 5 --rate 99999999999999999999")]
    [InlineData("crawl --swarm 5 --new-destinations many")]
    [InlineData("crawl --swarm 0")]
    [InlineData("crawl --swarm -5")]
    [InlineData("crawl --swarm 16711680")]
    [InlineData("crawl --swarm 5 --swarm 6")]
    [InlineData("crawl --swarm 5 --dead 101")]
    [InlineData("crawl --swarm 5 --dead NaN")]
    [InlineData("crawl --swarm 5 --dead 60 --hostile 60")]
    [InlineData("crawl --dead 5 --bootstrap 127.0.0.1:9 --allow-loopback")]
    [InlineData("crawl --swarm 5 --bootstrap 127.0.0.1:9")]
    [InlineData("crawl --swarm 5 --bind [::1]:0")]
    [InlineData("crawl --swarm 5 --bind here")]
    [InlineData("crawl --swarm 5 --bind 127.0.0.1:65536")]
    [InlineData("crawl --swarm 5 --transport pigeon")]
    [InlineData("crawl --swarm 5 --duration 0")]
    [InlineData("crawl --swarm 5 --duration -3")]
    [InlineData("crawl --swarm 5 --max-nodes 0")]
    [InlineData("crawl --swarm 5 --out nodes.db")]
    [InlineData("crawl --swarm 5 --out nodes")]
    [InlineData("crawl --swarm 5 --append")]
    [InlineData("crawl --swarm 5 --overwrite")]
    [InlineData("crawl --swarm 5 --out nodes.csv --append --overwrite")]
    [InlineData("crawl --swarm 5 --out - --json")]
    [InlineData("crawl --bind 127.0.0.1")]
    [InlineData("crawl --bootstrap 127.0.0.1")]
    [InlineData("crawl --bootstrap 127.0.0:6881")]
    [InlineData("crawl --bootstrap 127.0.0.1:0")]
    [InlineData("crawl --bootstrap ::1:6881")]
    [InlineData("node --state /dev/null --bind 127.0.0.1:0")]
    [InlineData("node --state folder/ --bind 127.0.0.1:0")]
    [InlineData("node --table Chord --bind 127.0.0.1:0")]
    [InlineData("node --table 1 --bind 127.0.0.1:0")]
    [InlineData("crawl --state file --swarm 5")]
    [InlineData("ping 127.0.0.1:9 --table Kademlia")]
    [InlineData("find-node")]
    [InlineData("find-node xyz")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef0123456")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef012345678")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef0123456g")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef01234567 0123456789abcdef0123456789abcdef01234567")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef01234567 --bind 127.0.0.1:0")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef01234567 --table Kad")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef01234567 --timeout 0")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef01234567 --timeout soon")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef01234567 --log loud")]
    [InlineData("find-node 0123456789abcdef0123456789abcdef01234567 --port 7")]
    [InlineData("get-peers")]
    [InlineData("get-peers 0123")]
    [InlineData("get-peers 0123456789abcdef0123456789abcdef01234567 --bootstrap nowhere")]
    [InlineData("get-peers 0123456789abcdef0123456789abcdef01234567 --bind [::1]:0")]
    [InlineData("get-peers 0123456789abcdef0123456789abcdef01234567 --transport pigeon")]
    [InlineData("announce --port 5")]
    [InlineData("announce 0123456789abcdef0123456789abcdef01234567")]
    [InlineData("announce 0123456789abcdef0123456789abcdef01234567 --port 0")]
    [InlineData("announce 0123456789abcdef0123456789abcdef01234567 --port 65536")]
    [InlineData("announce 0123456789abcdef0123456789abcdef01234567 --port http")]
    [InlineData("announce 0123456789abcdef0123456789abcdef01234567 --port 5 --implied-port")]
    [InlineData("node --bind 127.0.0.1:0 --duration soon")]
    [InlineData("ping")]
    [InlineData("ping 127.0.0.1")]
    [InlineData("ping 127.0.0.1:9 127.0.0.1:10")]
    [InlineData("ping a..b:9")]
    [InlineData("swarm")]
    [InlineData("swarm none")]
    [InlineData("swarm 5 --port 65536")]
    [InlineData("swarm 5 --seed -1")]
    public async Task LeaveOneLineAndExitCode2(string arguments)
    {
        DhtResult result = await DhtProcess.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("dht: ", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "crawl")]
    [InlineData("crawl --help", "--until-complete")]
    [InlineData("ping --help", "HOST:PORT")]
    [InlineData("find-node --help", "<ID>")]
    [InlineData("get-peers --help", "<INFOHASH>")]
    [InlineData("announce --help", "--implied-port")]
    [InlineData("node --help", "--state")]
    [InlineData("--version", ".")]
    public async Task AskingForHelpIsNoMistake(string arguments, string expected)
    {
        DhtResult result = await DhtProcess.RunAsync(arguments.Split(' '));

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Errors);
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
    }
}
