using System.Reflection;
using System.Runtime.Loader;

namespace Dht.Engine.Fuzz.Instrumentation;

/// <summary>
/// Loads the engine, its models and this assembly a second time, one of them as its instrumented copy; all else is
/// shared.
/// </summary>
internal sealed class GuidedContext(string folder, string instrumentedName, string instrumentedPath)
    : AssemblyLoadContext("guided fuzzing")
{
    private static readonly string[] Doubled = ["Dht.Engine", "Dht.Engine.Tests.Models", "Dht.Engine.Fuzz"];

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == instrumentedName)
        {
            return LoadFromAssemblyPath(instrumentedPath);
        }

        return Doubled.Contains(assemblyName.Name)
            ? LoadFromAssemblyPath(Path.Combine(folder, assemblyName.Name + ".dll"))
            : null;
    }
}
