namespace Dht.Engine.Bench.Load.Generator;

/// <summary>What the generator is to do; one JSON line on its standard input.</summary>
internal sealed record LoadOrder
{
    /// <summary>Where the server listens, as ADDRESS:PORT.</summary>
    public required string Server { get; init; }

    /// <summary>The process whose processor time is taken at both ends of the measurement.</summary>
    public required int ServerProcess { get; init; }

    /// <summary>Sockets that ask in turn.</summary>
    public required int Senders { get; init; }

    /// <summary>Queries under way at once in the closed loop.</summary>
    public required int Window { get; init; }

    /// <summary>Queries per second; 0 means the closed loop, where each answer brings forth the next query.</summary>
    public double Rate { get; init; }

    /// <summary>Seconds of load before the measurement begins.</summary>
    public double WarmUp { get; init; }

    /// <summary>Seconds of measurement.</summary>
    public double Seconds { get; init; }

    /// <summary>In the closed loop: ends after so many answers instead; 0 ends by time.</summary>
    public long Answers { get; init; }

    /// <summary>Gives the processor away when there is nothing to do: for when server and load share a core.</summary>
    public bool Yields { get; init; }
}
