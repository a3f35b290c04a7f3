using System.Reflection;

namespace Dht.Engine.Fuzz.Instrumentation;

/// <summary>Runs a command of the fuzzer over instrumented code, in this process.</summary>
internal static class GuidedHost
{
    /// <summary>Instruments what the target of the options asks for, and runs the command there.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments, IFuzzTarget target)
    {
        Assembly self = typeof(GuidedHost).Assembly;
        string folder = Path.GetDirectoryName(self.Location)!;
        string copy = InstrumentedCopy.Make(folder, target.AssemblyName, target.Namespaces);
        var context = new GuidedContext(folder, target.AssemblyName, copy);
        Assembly inner = context.LoadFromAssemblyName(self.GetName());
        MethodInfo run = inner.GetType(
            typeof(Running.FuzzCommand).FullName!)!.GetMethod(nameof(Running.FuzzCommand.RunGuided))!;
        return (int)run.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments, copy], null)!;
    }
}
