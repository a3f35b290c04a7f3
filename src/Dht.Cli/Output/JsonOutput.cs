using System.Buffers;
using System.Text.Json;

namespace Dht.Cli.Output;

/// <summary>The one JSON object on standard output.</summary>
internal static class JsonOutput
{
    public static void Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        StandardOutput.TryWrite(buffer.WrittenSpan.ToArray());
    }

    /// <summary>Writes a measured number with three decimals; more would pretend.</summary>
    public static void WriteMeasure(this Utf8JsonWriter writer, string name, double value) =>
        writer.WriteNumber(name, Math.Round(double.IsFinite(value) ? value : 0, 3));
}
