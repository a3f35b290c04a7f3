using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dht.Engine.Fuzz.Instrumentation;

/// <summary>
/// A copy of an assembly that counts, for chosen namespaces, how often each exit of each branch is taken. Beside
/// it lies a text that names the counters, and the literals that the counted code compares with.
/// </summary>
internal sealed class InstrumentedCopy
{
    /// <summary>The type that holds the counters in the copy.</summary>
    public const string CountersType = "Dht.Engine.Fuzz.Injected.Counters";

    /// <summary>Its field: the address of the first counter.</summary>
    public const string CountersField = "First";

    private const string FolderName = "instrumented";

    private readonly ModuleDefinition _module;
    private readonly List<string> _methods = [];
    private readonly LiteralHarvest _literals = new();

    private InstrumentedCopy(ModuleDefinition module) => _module = module;

    /// <summary>
    /// The copy of an assembly in the folder <paramref name="folder"/>; written unless it is there from an earlier run.
    /// </summary>
    /// <param name="folder">The folder that the assembly lies in.</param>
    /// <param name="assemblyName">Its simple name.</param>
    /// <param name="namespaces">Which namespaces to count in; those below them are counted as well.</param>
    /// <returns>The path of the copy; the names lie at that path with <c>.txt</c> after it.</returns>
    public static string Make(string folder, string assemblyName, IReadOnlyList<string> namespaces)
    {
        string source = Path.Combine(folder, assemblyName + ".dll");
        var parameters = new ReaderParameters { AssemblyResolver = Resolver(folder), InMemory = true };
        using ModuleDefinition module = ModuleDefinition.ReadModule(source, parameters);
        string path = Path.Combine(folder, FolderName, $"{assemblyName}-{Key(module, namespaces)}.dll");
        if (!File.Exists(path) || !File.Exists(path + ".txt"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            new InstrumentedCopy(module).Write(path, namespaces);
        }

        return path;
    }

    private static string Key(ModuleDefinition module, IReadOnlyList<string> namespaces)
    {
        // What this code writes changes with it, so its own version is part of the key.
        Guid self = typeof(InstrumentedCopy).Module.ModuleVersionId;
        byte[] text = Encoding.UTF8.GetBytes($"{module.Mvid:N} {self:N} {string.Join(' ', namespaces)}");
        return Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, 8));
    }

    private static DefaultAssemblyResolver Resolver(string folder)
    {
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(folder);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        return resolver;
    }

    private void Write(string path, IReadOnlyList<string> namespaces)
    {
        TypeDefinition counters = CountersClass.Make(_module);
        FieldDefinition first = counters.Fields[0];
        foreach (TypeDefinition type in _module.GetTypes().Where(type => IsWithin(type, namespaces)).ToArray())
        {
            foreach (MethodDefinition method in type.Methods.Where(IsCounted))
            {
                _literals.Take(method);
                int before = _methods.Count;
                int added = new MethodInstrumenter(method, first, before).Instrument();
                _methods.AddRange(Enumerable.Repeat(method.FullName, added));
            }
        }

        CountersClass.SetCount(_module, counters, _methods.Count);
        _module.Types.Add(counters);

        // Another process may be writing the same; a rename is whole or not at all.
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.tmp");
        File.WriteAllLines(
            temporary,
            [.. _methods.Select(static name => "E " + name), .. _literals.All.Select(static hex => "T " + hex)]);
        File.Move(temporary, path + ".txt", overwrite: true);
        _module.Write(temporary);
        File.Move(temporary, path, overwrite: true);
    }

    private static bool IsWithin(TypeDefinition type, IReadOnlyList<string> namespaces)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return namespaces.Any(
            name => type.Namespace == name || type.Namespace.StartsWith(name + '.', StringComparison.Ordinal)
            || type.FullName == name);
    }

    /// <summary>
    /// Leaves out what the compiler wrote for records, and accessors so small that a counter would keep them from
    /// being inlined.
    /// </summary>
    private static bool IsCounted(MethodDefinition method) => method.HasBody
        && !method.CustomAttributes.Any(static a => a.AttributeType.Name == "CompilerGeneratedAttribute")
        && !(method.IsConstructor && method.IsStatic)
        && (method.Body.Instructions.Count > 8
            || method.Body.Instructions.Any(static i => i.OpCode.FlowControl == FlowControl.Cond_Branch));
}
