using Dht.Engine.Addressing;
using Dht.Engine.Randomness;

namespace Dht.Engine.Testing.Simulation;

/// <summary>
/// Which node lies at an endpoint: open addressing, at most half full; nothing is ever taken out. One thread.
/// </summary>
internal sealed class EndpointMap(ulong seed)
{
    private readonly ulong _key = SeededRandomSource.Mix(seed);
    private Endpoint[] _keys = new Endpoint[64];
    private int[] _values = new int[64];
    private int _count;

    /// <summary>Adds an endpoint; false when it is there already, or is none.</summary>
    public bool TryAdd(in Endpoint endpoint, int value)
    {
        if (_count * 2 >= _keys.Length)
        {
            Grow();
        }

        int place = Find(endpoint);
        if (endpoint.Family == IpFamily.None || _keys[place].Family != IpFamily.None)
        {
            return false;
        }

        _keys[place] = endpoint;
        _values[place] = value;
        _count++;
        return true;
    }

    public bool TryGet(in Endpoint endpoint, out int value)
    {
        int place = Find(endpoint);
        value = _values[place];
        return _keys[place].Family != IpFamily.None;
    }

    private int Find(in Endpoint endpoint)
    {
        int mask = _keys.Length - 1;
        ulong lower = SeededRandomSource.Mix(endpoint.LowerBits ^ _key);
        int place = (int)SeededRandomSource.Mix(lower ^ endpoint.UpperBits ^ endpoint.Port) & mask;
        while (_keys[place].Family != IpFamily.None && _keys[place] != endpoint)
        {
            place = (place + 1) & mask;
        }

        return place;
    }

    private void Grow()
    {
        (Endpoint[] keys, int[] values) = (_keys, _values);
        _keys = new Endpoint[keys.Length * 2];
        _values = new int[keys.Length * 2];
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i].Family != IpFamily.None)
            {
                int place = Find(keys[i]);
                _keys[place] = keys[i];
                _values[place] = values[i];
            }
        }
    }
}
