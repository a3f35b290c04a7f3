namespace Dht.Engine.Transport;

/// <summary>What became of the datagrams that <see cref="BatchSocket.Send"/> was to send.</summary>
/// <param name="Sent">Datagrams that the system took.</param>
/// <param name="Bytes">Their payload in bytes.</param>
/// <param name="Refused">Datagrams that it refused; they are dropped.</param>
/// <param name="Waits">How often it was waited for room.</param>
/// <param name="Error">The system's number (errno) of the last refusal; 0 when there was none.</param>
/// <param name="RefusedAt">Which it refused: bit i is the i-th that was staged.</param>
public readonly record struct BatchSent(
    int Sent, long Bytes, int Refused, int Waits, int Error, ulong RefusedAt);
