using Dht.Engine.Identity;

namespace Dht.Engine;

/// <summary>What a ping brought.</summary>
/// <param name="Status">How it ended; the rest is meaningful when it was answered.</param>
/// <param name="Id">The id of the node.</param>
/// <param name="RoundTrip">From sending to receiving.</param>
/// <param name="Version">What the node says it is.</param>
public readonly record struct PingResult(QueryStatus Status, NodeId Id, TimeSpan RoundTrip, NodeVersion Version)
{
    private readonly string? _errorText;

    /// <summary>The number of an error; 0 when it was not an error.</summary>
    public int ErrorCode { get; init; }

    /// <summary>The text of an error, as the node chose it; empty when it was not an error.</summary>
    public string ErrorText
    {
        get => _errorText ?? string.Empty;
        init => _errorText = value;
    }
}
