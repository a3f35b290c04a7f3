using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Testing.Swarm;

/// <content>What hostile nodes do. A new trick needs a member of <see cref="SwarmTrick"/> and a branch here.</content>
internal sealed partial class SwarmResponder
{
    /// <summary>
    /// 127.0.53.53: the address at which all nodes with <see cref="SwarmTrick.VictimContacts"/> point.
    /// </summary>
    public const uint VictimAddress = 0x7F003535;

    public const int TooMany = 50;

    private const int GarbageSizeMax = 300;
    private const int UnprivilegedPortMin = 1024;
    private const int UnprivilegedPorts = 65536 - UnprivilegedPortMin;

    // Some addresses that no node of the network can have, and one good address with port 0.
    private static readonly uint[] Bogons =
        [0x0A000001, 0x00000000, 0xE0000001, 0xC0A80001, 0xFFFFFFFF, 0xA9FE0001, 0x64400001,
            SwarmAddressBook.FirstAddress];

    private int AnswerWithTrick(
        ReadOnlySpan<byte> datagram, in KrpcMessage query, in Endpoint source, int index, Span<byte> reply)
    {
        SwarmTrick trick = _population.TrickOf(index);
        var envelope = new KrpcEnvelope
        {
            Id = trick switch
            {
                SwarmTrick.BorrowedId => AnotherId(index),
                SwarmTrick.AskersId => query.SenderId,
                _ => _population.IdOf(index),
            },
            TransactionId = trick == SwarmTrick.WrongTransactionId ? Spoil(query.TransactionId) : query.TransactionId,
            Version = Version,
            Requester = source,
        };
        switch (trick)
        {
            case SwarmTrick.Garbage:
                return WriteGarbage(reply);
            case SwarmTrick.Reflected when datagram.Length <= reply.Length:
                datagram.CopyTo(reply);
                return datagram.Length;
            case SwarmTrick.ServerError:
                return KrpcReplies.WriteError(reply, envelope, KrpcErrorCode.Server, "server error"u8);
            case SwarmTrick.EveryThird when !IsThird(index):
                return 0;
            case SwarmTrick.Truncated:
                return WriteReply(reply, envelope, query, index, trick) / 2;
            default:
                return WriteReply(reply, envelope, query, index, trick);
        }
    }

    private int WriteTrickContacts(SwarmTrick trick, int index, in NodeId target, in Endpoint asker)
    {
        switch (trick)
        {
            case SwarmTrick.InventedContacts:
                return WriteInvented(prefix: 0, isOneId: false);
            case SwarmTrick.OneIdManyAddresses:
                return WriteInvented(_population.PrefixOf(index), isOneId: true);
            case SwarmTrick.RepeatedContact:
                return WriteRepeated();
            case SwarmTrick.AskerAsContact:
                return WriteAsker(asker);
            case SwarmTrick.RaggedContacts:
                return Math.Max(1, _contacts.Write(index, target, _nodes)) - 1;
            case SwarmTrick.VictimContacts:
                return WriteVictim(target);
            case SwarmTrick.TooManyContacts:
                return WriteTooMany();
            case SwarmTrick.BogonContacts:
                return WriteBogons();
            default:
                return _contacts.Write(index, target, _nodes);
        }
    }

    /// <summary>
    /// Addresses after the last node, or before the first where all the rest is taken. They have the swarm's own
    /// port, so that a node that believes in them disturbs no other program of the machine.
    /// </summary>
    private int WriteInvented(ulong prefix, bool isOneId)
    {
        uint first = SwarmAddressBook.FirstAddress + (uint)_addresses.Count;
        uint last = SwarmAddressBook.LastAddress;
        if (first >= last)
        {
            first = 0x7F000100;
            last = SwarmAddressBook.FirstAddress - 1;
        }

        for (int i = 0; i < _contactCount; i++)
        {
            uint address = first + (uint)_random.Next((int)(last - first));
            PutContact(i, isOneId ? prefix : _random.NextUInt64(), Endpoint.FromIPv4(address, _addresses.Port));
        }

        return _contactCount * CompactNode.SizeIPv4;
    }

    private int WriteRepeated()
    {
        for (int i = 0; i < _contactCount; i++)
        {
            PutContact(i, _population.PrefixOf(0), _addresses[0]);
        }

        return _contactCount * CompactNode.SizeIPv4;
    }

    private int WriteAsker(in Endpoint asker)
    {
        for (int i = 0; i < _contactCount; i++)
        {
            PutContact(i, _random.NextUInt64(), asker);
        }

        return _contactCount * CompactNode.SizeIPv4;
    }

    /// <summary>
    /// The ids share 48 bits with the target, so that a lookup which believes them asks the victim first.
    /// </summary>
    private int WriteVictim(in NodeId target)
    {
        int port = _random.Next(UnprivilegedPorts);
        for (int i = 0; i < _contactCount; i++)
        {
            ulong prefix = target.Prefix64 ^ (_random.NextUInt64() >> 48);
            int one = UnprivilegedPortMin + ((port + i) % UnprivilegedPorts);
            PutContact(i, prefix, Endpoint.FromIPv4(VictimAddress, (ushort)one));
        }

        return _contactCount * CompactNode.SizeIPv4;
    }

    private int WriteTooMany()
    {
        for (int i = 0; i < TooMany; i++)
        {
            int node = _random.Next(_population.Count);
            PutContact(i, _population.PrefixOf(node), _addresses[node]);
        }

        return TooMany * CompactNode.SizeIPv4;
    }

    private int WriteBogons()
    {
        for (int i = 0; i < _contactCount; i++)
        {
            int which = i % Bogons.Length;
            ushort port = which == Bogons.Length - 1 ? (ushort)0 : _addresses.Port;
            PutContact(i, _random.NextUInt64(), Endpoint.FromIPv4(Bogons[which], port));
        }

        return _contactCount * CompactNode.SizeIPv4;
    }

    private int WriteGarbage(Span<byte> reply)
    {
        Span<byte> garbage = reply[..(1 + _random.Next(GarbageSizeMax))];
        _random.Fill(garbage);
        return garbage.Length;
    }

    private NodeId AnotherId(int index) =>
        _population.IdOf(
            (int)(((long)index + 1 + _random.Next(Math.Max(1, _population.Count - 1))) % _population.Count));

    private ReadOnlySpan<byte> Spoil(ReadOnlySpan<byte> transactionId)
    {
        for (int i = 0; i < transactionId.Length; i++)
        {
            _transactionId[i] = (byte)~transactionId[i];
        }

        return _transactionId.AsSpan(0, transactionId.Length);
    }

    private bool IsThird(int index)
    {
        ref byte asked = ref _asked[index];
        asked = (byte)((asked + 1) % 3);
        return asked == 0;
    }

    private void PutContact(int place, ulong prefix, in Endpoint endpoint) =>
        SwarmContacts.WriteContact(prefix, endpoint, _nodes.AsSpan(place * CompactNode.SizeIPv4));
}
