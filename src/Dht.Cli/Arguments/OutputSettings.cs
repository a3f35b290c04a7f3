namespace Dht.Cli.Arguments;

/// <summary>How a command reports.</summary>
/// <param name="Json">One JSON object on standard output at the end.</param>
/// <param name="Quiet">No progress on standard error.</param>
internal readonly record struct OutputSettings(bool Json, bool Quiet);
