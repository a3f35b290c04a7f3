using Dht.Engine.Addressing;
using Dht.Engine.Randomness;

namespace Dht.Engine.Testing.Simulation;

/// <summary>
/// Which node lives at an endpoint: open addressing, at most half full; nothing is ever taken out. One thread.
/// </summary>
internal sealed class EndpointMap(ulong seed)
{
    private Endpoint[] _keys = new Endpoint[64];
    private int[] _values = new int[64];
    private int _count;

    /// <summary>Adds an endpoint; false when it is there already, or has no address.</summary>
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

    /// <summary>Finds what was added for an endpoint; otherwise the value is the fallback.</summary>
    public bool TryGet(in Endpoint endpoint, out int value, int fallback = 0)
    {
        int place = Find(endpoint);
        bool isThere = _keys[place].Family != IpFamily.None;
        value = isThere ? _values[place] : fallback;
        return isThere;
    }

    private ulong HashOf(in Endpoint endpoint)
    {
        ulong hash = SeededRandomSource.Mix(seed ^ endpoint.UpperBits);
        return SeededRandomSource.Mix(hash ^ SeededRandomSource.Mix(endpoint.LowerBits) ^ endpoint.Port);
    }

    private int Find(in Endpoint endpoint)
    {
        int mask = _keys.Length - 1;
        int place = (int)HashOf(endpoint) & mask;
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
