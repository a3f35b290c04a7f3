namespace Dht.Engine.Fuzz;

/// <summary>The targets of this assembly.</summary>
internal static class FuzzTargets
{
    /// <summary>One of each, sorted by name.</summary>
    public static IReadOnlyList<IFuzzTarget> CreateAll() =>
    [
        .. typeof(FuzzTargets).Assembly.GetTypes()
            .Where(static type =>
                type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IFuzzTarget)))
            .Select(static type => (IFuzzTarget)Activator.CreateInstance(type)!)
            .OrderBy(static target => target.Name, StringComparer.Ordinal),
    ];
}
