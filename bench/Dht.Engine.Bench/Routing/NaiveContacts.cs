using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Bench;

/// <summary>
/// Contacts in one array and the two ways to the nearest of them that need no structure. Random ids differ in their
/// first 64 bits, so these are all that is compared.
/// </summary>
internal sealed class NaiveContacts
{
    private readonly CompactNode[] _contacts;
    private readonly byte[] _wire;
    private readonly ulong[] _keys;
    private readonly int[] _places;

    public NaiveContacts(CompactNode[] contacts)
    {
        _contacts = contacts;
        _wire = Inputs.Wire(contacts);
        _keys = new ulong[contacts.Length];
        _places = new int[contacts.Length];
    }

    public int CopyBySort(in NodeId target, Span<byte> destination)
    {
        for (int i = 0; i < _contacts.Length; i++)
        {
            _keys[i] = _contacts[i].Id.Prefix64 ^ target.Prefix64;
            _places[i] = i;
        }

        Array.Sort(_keys, _places);
        return Copy(destination);
    }

    public int CopyByScan(in NodeId target, Span<byte> destination)
    {
        int wanted = destination.Length / CompactNode.SizeIPv4;
        int held = 0;
        for (int i = 0; i < _contacts.Length; i++)
        {
            ulong key = _contacts[i].Id.Prefix64 ^ target.Prefix64;
            if (held == wanted && key > _keys[held - 1])
            {
                continue;
            }

            int at = held == wanted ? held - 1 : held++;
            for (; at > 0 && _keys[at - 1] > key; at--)
            {
                _keys[at] = _keys[at - 1];
                _places[at] = _places[at - 1];
            }

            _keys[at] = key;
            _places[at] = i;
        }

        return Copy(destination);
    }

    private int Copy(Span<byte> destination)
    {
        int size = CompactNode.SizeIPv4;
        int wanted = destination.Length / size;
        for (int i = 0; i < wanted; i++)
        {
            _wire.AsSpan(_places[i] * size, size).CopyTo(destination[(i * size)..]);
        }

        return wanted * size;
    }
}
