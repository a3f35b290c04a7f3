namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// What came of a <see cref="LoadOrder"/>; one JSON line on the generator's standard output. Times are in
/// microseconds.
/// </summary>
internal sealed record LoadFigures
{
    public required long Sent { get; init; }

    public required long Answered { get; init; }

    /// <summary>
    /// Datagrams that answered nothing: errors, queries of the server's own, answers that came too late.
    /// </summary>
    public required long Others { get; init; }

    /// <summary>How long the measurement took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor seconds of the server.</summary>
    public required double ServerSeconds { get; init; }

    /// <summary>Processor seconds of the generator.</summary>
    public required double GeneratorSeconds { get; init; }

    /// <summary>Processor seconds of everything else on the machine.</summary>
    public required double StrangerSeconds { get; init; }

    /// <summary>Bytes that the generator itself allocated.</summary>
    public required long GeneratorBytes { get; init; }

    /// <summary>Mean size of the answers in bytes.</summary>
    public required double ReplySize { get; init; }

    /// <summary>From the scheduled time of a query (closed loop: from its sending) to its answer.</summary>
    public required double P50 { get; init; }

    public required double P99 { get; init; }

    public required double P999 { get; init; }

    public required double Max { get; init; }

    /// <summary>
    /// How much later than scheduled 99.9 % of the queries were sent at most; part of the latency, but not the
    /// server's fault.
    /// </summary>
    public required double LateP999 { get; init; }

    public double AnswersPerSecond => Answered / Seconds;

    public double AnsweredPercent => Sent == 0 ? 0 : 100.0 * Answered / Sent;

    /// <summary>The share of a core that the server used.</summary>
    public double ServerCores => ServerSeconds / Seconds;

    public double GeneratorCores => GeneratorSeconds / Seconds;

    public double StrangerCores => StrangerSeconds / Seconds;
}
