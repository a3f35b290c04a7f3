using System.Text.Json;

namespace Dht.Engine.Tests.Cli;

/// <summary>What a run of the executable left.</summary>
public sealed record DhtResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The lines on standard error.</summary>
    public string[] ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The one JSON object on standard output, and nothing beside it.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.True(Output.EndsWith("}\n", StringComparison.Ordinal), $"No JSON object: '{Output}' '{Errors}'");
            using JsonDocument document = JsonDocument.Parse(Output);
            return document.RootElement.Clone();
        }
    }

    /// <summary>It ended with status 1 and one line on standard error, which begins with this reason.</summary>
    public void AssertFailed(string reason)
    {
        Assert.Equal(1, ExitCode);
        Assert.StartsWith("dht: " + reason, Assert.Single(ErrorLines), StringComparison.Ordinal);
    }
}
