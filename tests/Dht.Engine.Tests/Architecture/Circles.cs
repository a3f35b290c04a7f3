using Mono.Cecil;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Finds the types that stand in a circle: each uses the next, and the last the first again.</summary>
internal static class Circles
{
    /// <summary>The circles among the types of each namespace of a module.</summary>
    /// <param name="module">What is read.</param>
    /// <param name="nameOf">The full name that a type counts under; null for one that is of no interest.</param>
    /// <returns>The names of each circle in order, joined; the circles in order.</returns>
    public static string[] Find(ModuleDefinition module, Func<TypeReference, string?> nameOf)
    {
        var uses = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach ((string from, string to, _) in LayerReader.Read(module, nameOf))
        {
            if (from != to && NamespaceOf(from) == NamespaceOf(to))
            {
                uses.TryAdd(from, []);
                uses[from].Add(to);
            }
        }

        return [.. Components(uses)
            .Where(component => component.Count > 1)
            .Select(component => $"{NamespaceOf(component[0])}: {Show(component)}")
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>The name of a type of the library, a nested one taken for the one around it.</summary>
    public static string? OutermostName(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        // What the compiler creates for itself has no name that could be written.
        bool isWritten = !type.Name.Contains('<', StringComparison.Ordinal);
        return isWritten && Floors.PartOf(type.Namespace) != null ? $"{type.Namespace}.{type.Name}" : null;
    }

    private static string Show(List<string> component) => string.Join(
        ", ", component.Select(name => name[(name.LastIndexOf('.') + 1)..]).Order(StringComparer.Ordinal));

    private static string NamespaceOf(string name) => name[..name.LastIndexOf('.')];

    /// <summary>Tarjan's algorithm: types that reach each other form a component.</summary>
    private static List<List<string>> Components(Dictionary<string, HashSet<string>> uses)
    {
        var components = new List<List<string>>();
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        var lowest = new Dictionary<string, int>(StringComparer.Ordinal);
        var path = new Stack<string>();
        foreach (string type in uses.Keys)
        {
            if (!order.ContainsKey(type))
            {
                Visit(type);
            }
        }

        return components;

        void Visit(string type)
        {
            order[type] = lowest[type] = order.Count;
            path.Push(type);
            foreach (string used in uses.GetValueOrDefault(type) ?? [])
            {
                if (!order.TryGetValue(used, out int place))
                {
                    Visit(used);
                    lowest[type] = Math.Min(lowest[type], lowest[used]);
                }
                else if (path.Contains(used))
                {
                    lowest[type] = Math.Min(lowest[type], place);
                }
            }

            if (lowest[type] == order[type])
            {
                var component = new List<string>();
                string member;
                do
                {
                    component.Add(member = path.Pop());
                }
                while (member != type);
                components.Add(component);
            }
        }
    }
}
