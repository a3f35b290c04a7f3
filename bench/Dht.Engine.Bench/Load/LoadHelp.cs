namespace Dht.Engine.Bench.Load;

/// <summary>What <c>load --help</c> prints.</summary>
internal static class LoadHelp
{
    public const string Text = """
        load: measures nodes and bare echoes under load, in turn, on loopback. The server under test has one core, the load another.

          --rounds N           how often each is measured, 1 to 99 (3)
          --seconds S          how long one measurement takes, 0.1 to 600 (3)
          --sections NAME,...  what to measure: answers, cpu, latency, allocation (answers,cpu,latency)
          --allocation         the same as --sections allocation
          --only NAME,...      these servers only: node batch, node ring, bare batch, bare nap, bare ring, libtorrent
                               (spaces may be written as -)
          --external NAME=COMMAND
                               one more server: a foreign echo that listens at 127.0.0.1; may be repeated. In COMMAND, which names one
                               program, {port}, {reply} and {seconds} stand for its port, the bytes of a reply and how long it has
                               to live at least. It is ended before, if need be.
          --senders N          sockets of the load generator, 1 to 256 (4; 61 for allocation)
          --window N           queries under way in the closed loop, 1 to 16384 (256)
          --rate N             packets per second of the section cpu, 1 to 1000000 (20000)
          --packets N          answers for each transport in the section allocation (10000000)
          --swarm N            nodes of the swarm that fills the routing tables, 1000 to 1000000 (20000)
          --family ipv4|ipv6   how the servers are asked (ipv4)
          --json FILE          also write every single measurement there
          --help               this text

        The exit code is 0, 1 when it failed, 2 for wrong arguments, 130 when it was interrupted.

        """;
}
