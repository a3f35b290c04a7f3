using Dht.Engine.Addressing;
using Dht.Engine.Invariants;

namespace Dht.Engine.Crawling;

/// <content>What must be true of the index and the records.</content>
internal sealed partial class KnownSet
{
    /// <summary>
    /// Walks all of it: the index holds each record once, under its own hash, where a search finds it.
    /// </summary>
    internal void CheckInvariants()
    {
        Invariant.Holds(Count <= _max && Count <= _chunkCount << ChunkBits, "there is a record for every node");
        Invariant.Holds((long)Count * 4 <= (long)_tags.Length * 3, "a quarter of the index is free");
        int taken = 0;
        for (int place = 0; place < _tags.Length; place++)
        {
            if (_tags[place] == 0)
            {
                continue;
            }

            taken++;
            Invariant.Holds((uint)_slots[place] < (uint)Count, "a place of the index names a record");
            Invariant.Holds(_tags[place] == TagOf(HashOf(this[_slots[place]].Endpoint)), "a tag is that of its record");
        }

        Invariant.Holds(taken == Count, "the index holds as many as there are records");
        for (int node = 0; node < Count; node++)
        {
            Endpoint endpoint = this[node].Endpoint;
            Invariant.Holds(IndexOf(endpoint) == node, "the index finds every record");
        }
    }
}
