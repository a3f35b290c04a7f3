using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>
/// Whether the system lets anything out to a family at all: without a route, an interface or leave it refuses every
/// datagram. Then only one is tried now and then, until one gets out.
/// </summary>
internal sealed class SendGates
{
    private const int RefusedMin = 16;

    private static readonly TimeSpan ShutAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TrialInterval = TimeSpan.FromSeconds(1);

    private readonly Gate[] _gates = [new Gate(), new Gate()];

    /// <summary>Whether a family is shut now.</summary>
    public bool IsAnyShut => _gates[0].IsShut || _gates[1].IsShut;

    /// <summary>Whether a family that has answered before is shut now.</summary>
    public bool IsAnyDown => IsDown(_gates[0]) || IsDown(_gates[1]);

    /// <summary>Whether all families that have answered before are shut now.</summary>
    public bool AreAllDown => IsAnyDown && !IsUp(_gates[0]) && !IsUp(_gates[1]);

    /// <summary>Whether a node may be asked.</summary>
    /// <param name="bit">Of its family.</param>
    /// <param name="now">The current instant.</param>
    public bool MayAsk(int bit, Instant now)
    {
        Gate gate = _gates[bit];
        if (gate.IsShut)
        {
            if (now < gate.TrialAt)
            {
                return false;
            }

            gate.TrialAt = now + TrialInterval;
        }

        return true;
    }

    /// <summary>A query was staged.</summary>
    public void OnSent(int bit) => _gates[bit].Sent++;

    /// <summary>The system did not send a query.</summary>
    public void OnNotSent(int bit) => _gates[bit].Refused++;

    /// <summary>A node of the family has answered.</summary>
    public void OnAnswer(int bit) => _gates[bit].HasAnswered = true;

    /// <summary>Draws conclusions: whatever was staged has been sent by now, or refused.</summary>
    public void EndTurn(Instant now)
    {
        foreach (Gate gate in _gates)
        {
            if (gate.Sent > 0)
            {
                EndTurn(gate, now);
            }
        }
    }

    private static void EndTurn(Gate gate, Instant now)
    {
        if (gate.Refused < gate.Sent)
        {
            gate.Run = 0;
            gate.IsShut = false;
        }
        else
        {
            gate.RunSince = gate.Run == 0 ? now : gate.RunSince;
            gate.Run += gate.Refused;
            gate.IsShut |= gate.Run >= RefusedMin && now - gate.RunSince >= ShutAfter;
        }

        gate.Sent = 0;
        gate.Refused = 0;
    }

    private static bool IsDown(Gate gate) => gate is { HasAnswered: true, IsShut: true };

    private static bool IsUp(Gate gate) => gate is { HasAnswered: true, IsShut: false };

    private sealed class Gate
    {
        public int Sent;
        public int Refused;
        public int Run;
        public Instant RunSince;
        public Instant TrialAt;
        public bool IsShut;
        public bool HasAnswered;
    }
}
