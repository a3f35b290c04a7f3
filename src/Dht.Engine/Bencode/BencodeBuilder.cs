using System.Collections;

namespace Dht.Engine.Bencode;

/// <summary>
/// Collects the entries of a dictionary, in any order, and turns them into a <see cref="BencodeValue"/>.
/// </summary>
/// <remarks>
/// It reads like what it creates, nesting included:
/// <code>
/// BencodeValue torrent = new BencodeBuilder
/// {
///     ["announce-list"] = [["udp://tracker.example:80"]],
///     ["info"] = new BencodeBuilder { ["name"] = "a.iso", ["length"] = 42 },
/// };
/// </code>
/// Not safe for use by several threads at once. It may go on being used after <see cref="ToValue"/>.
/// </remarks>
public sealed class BencodeBuilder : IEnumerable<BencodeEntry>
{
    private readonly SortedDictionary<byte[], BencodeValue> _entries =
        new(Comparer<byte[]>.Create(static (left, right) => left.AsSpan().SequenceCompareTo(right)));

    /// <summary>An empty dictionary to be.</summary>
    public BencodeBuilder()
    {
    }

    /// <summary>Starts with the entries of a dictionary.</summary>
    /// <exception cref="ArgumentException">The value is not a dictionary.</exception>
    public BencodeBuilder(BencodeValue dictionary)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        if (dictionary.Kind != BencodeKind.Dictionary)
        {
            throw new ArgumentException(
                $"The value is of kind {dictionary.Kind}, not a dictionary.", nameof(dictionary));
        }

        foreach (BencodeEntry entry in dictionary.Entries)
        {
            _entries.Add(entry.Key.ToArray(), entry.Value);
        }
    }

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Sets the value under a key, which is stored as UTF-8, replacing what was there.</summary>
    /// <exception cref="KeyNotFoundException">On reading: there is no such key.</exception>
    public BencodeValue this[string key]
    {
        get => _entries[BencodeValue.EncodeText(key)];
        set => Set(BencodeValue.EncodeText(key), value);
    }

    /// <summary>Sets the value under a key of raw bytes, which are copied, replacing what was there.</summary>
    /// <exception cref="KeyNotFoundException">On reading: there is no such key.</exception>
    public BencodeValue this[ReadOnlySpan<byte> key]
    {
        get => _entries[key.ToArray()];
        set => Set(key.ToArray(), value);
    }

    /// <summary>Adds a value under a key that is not there yet; the key is stored as UTF-8.</summary>
    /// <exception cref="ArgumentException">The key is there already.</exception>
    public void Add(string key, BencodeValue value) => AddOwned(BencodeValue.EncodeText(key), value);

    /// <summary>Adds a value under a key of raw bytes, which are copied, that is not there yet.</summary>
    /// <exception cref="ArgumentException">The key is there already.</exception>
    public void Add(ReadOnlySpan<byte> key, BencodeValue value) => AddOwned(key.ToArray(), value);

    /// <summary>Takes an entry out.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string key) => _entries.Remove(BencodeValue.EncodeText(key));

    /// <summary>Takes an entry out.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(ReadOnlySpan<byte> key) => _entries.Remove(key.ToArray());

    /// <summary>The dictionary as it is now.</summary>
    /// <exception cref="ArgumentException">It would nest too deep or grow beyond 2 GiB.</exception>
    public BencodeValue ToValue()
    {
        BencodeEntry[] entries = new BencodeEntry[_entries.Count];
        int count = 0;
        foreach (BencodeEntry entry in this)
        {
            entries[count++] = entry;
        }

        return BencodeValue.FromSortedEntries(entries);
    }

    /// <summary>Enumerates the entries, sorted by the raw bytes of their keys.</summary>
    public IEnumerator<BencodeEntry> GetEnumerator()
    {
        foreach (KeyValuePair<byte[], BencodeValue> entry in _entries)
        {
            yield return new BencodeEntry(entry.Key, entry.Value);
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Set(byte[] key, BencodeValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _entries[key] = value;
    }

    private void AddOwned(byte[] key, BencodeValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _entries.Add(key, value);
    }
}
