using Dht.Engine.Bench.Load.Generator;

namespace Dht.Engine.Bench.Load;

/// <summary>One measurement.</summary>
/// <param name="Section">Which section it belongs to.</param>
/// <param name="Server">The name of the server.</param>
/// <param name="Round">From 1 on.</param>
/// <param name="Order">What was asked of the generator.</param>
/// <param name="Figures">What came of it.</param>
internal sealed record LoadRecord(string Section, string Server, int Round, LoadOrder Order, LoadFigures Figures);
