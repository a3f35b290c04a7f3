using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dht.Engine.Bench.Baseline;

/// <summary>
/// How many bytes an operation of each benchmark may allocate, by the full name of the benchmark; a JSON object in a
/// file.
/// </summary>
internal sealed class AllowedBytes
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly SortedDictionary<string, long> _bytes = new(StringComparer.Ordinal);

    public AllowedBytes()
    {
    }

    private AllowedBytes(IDictionary<string, long> bytes) => _bytes = new(bytes, StringComparer.Ordinal);

    public IEnumerable<string> Names => _bytes.Keys;

    /// <summary>Reads the file; one that does not exist allows nothing.</summary>
    public static AllowedBytes Load(string path) => File.Exists(path)
        ? new AllowedBytes(JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(path))!)
        : new AllowedBytes();

    /// <summary>Null when the benchmark is not in the file.</summary>
    public long? Of(string name) => _bytes.TryGetValue(name, out long bytes) ? bytes : null;

    public void Set(string name, long bytes) => _bytes[name] = bytes;

    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(_bytes, Format) + "\n");
}
