using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>
/// The far side of a state machine: remembers what it sent last, and turns an input into a datagram that comes from one of those
/// places under the transaction id that was used there.
/// </summary>
/// <remarks>
/// <code>
/// input:   [ flags 1 | choice 1 | datagram ]
/// flags:   1 answer what was sent   2 fresh contacts in "nodes"   4 fresh id   8 move the clock far
/// </code>
/// </remarks>
internal sealed class Exchange
{
    public const byte Answers = 1;
    public const byte FreshContacts = 2;
    public const byte FreshId = 4;
    public const byte FarStep = 8;

    private const int Kept = 256;

    private readonly (Endpoint Destination, uint Id)[] _sent = new (Endpoint, uint)[Kept];
    private readonly byte[] _datagram = new byte[GuardedInput.LengthMax];
    private readonly SeededRandomSource _random = new(1);
    private int _count;

    /// <summary>The seeds with all useful flags before them.</summary>
    public static IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. KrpcSeeds.Messages.SelectMany(static message => new byte[] { 0, 1, 7, 3, 13, 8 }
            .Select(flags => (byte[])[flags, (byte)message.Length, .. message])),
    ];

    /// <summary>Checks and remembers what lies in the outbox, and empties it.</summary>
    public void Take(Outbox outbox)
    {
        for (int i = 0; i < outbox.Count; i++)
        {
            ReadOnlySpan<byte> datagram = outbox.Datagram(i);
            FuzzFailureException.Require(
                AddressPolicy.Public.Check(outbox.Destination(i)) == AddressVerdict.Allowed, "nothing goes where the policy forbids");
            bool sound = KrpcMessage.Parse(datagram, out KrpcMessage message) == KrpcFault.None;
            FuzzFailureException.Require(sound && message.TrailingBytes == 0, "what is sent is a message");
            FuzzFailureException.Require(datagram.Length <= 1400, "what is sent is small");
            if (message.Kind == KrpcKind.Query && TransactionId.TryRead(message.TransactionId, out uint id))
            {
                _sent[_count++ % Kept] = (outbox.Destination(i), id);
            }
        }

        outbox.Clear();
    }

    /// <summary>The datagram of an input and where it comes from. Lives until the next call.</summary>
    public ReadOnlySpan<byte> Prepare(ReadOnlySpan<byte> input, out Endpoint source)
    {
        byte flags = input[0];
        Span<byte> datagram = _datagram.AsSpan(0, input.Length - 2);
        input[2..].CopyTo(datagram);
        source = Endpoint.FromIPv4(0x08000000 | (_random.NextUInt32() & 0xFFFFFF), (ushort)(1 + input[1]));
        if ((flags & Answers) != 0 && _count > 0)
        {
            // Most inputs answer what was sent just now: older queries have timed out when the clock moves far.
            int back = input[1] % Math.Min(_count, (input[1] & 7) == 7 ? Kept : 8);
            (source, uint id) = _sent[(_count - 1 - back) % Kept];
            Span<byte> place = Behind(datagram, "1:t4:"u8, TransactionId.Size);
            if (!place.IsEmpty)
            {
                TransactionId.Write(place, id);
            }
        }

        if ((flags & FreshContacts) != 0)
        {
            _random.Fill(Behind(datagram, "5:nodes208:"u8, 208));
            _random.Fill(Behind(datagram, "5:nodes26:"u8, 26));
        }

        if ((flags & FreshId) != 0)
        {
            _random.Fill(Behind(datagram, "2:id20:"u8, 20));
        }

        return datagram;
    }

    /// <summary>How far the clock goes on after an input.</summary>
    public static TimeSpan Step(ReadOnlySpan<byte> input) =>
        (input[0] & FarStep) != 0 ? TimeSpan.FromSeconds(1 + input[1]) : TimeSpan.FromMilliseconds(input[1] / 16.0);

    private static Span<byte> Behind(Span<byte> datagram, ReadOnlySpan<byte> mark, int length)
    {
        int at = datagram.LastIndexOf(mark);
        return at >= 0 && at + mark.Length + length <= datagram.Length ? datagram.Slice(at + mark.Length, length) : default;
    }
}
