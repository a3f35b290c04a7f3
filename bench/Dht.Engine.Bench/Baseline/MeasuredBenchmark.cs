using System.Linq.Expressions;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Parameters;
using BenchmarkDotNet.Running;

namespace Dht.Engine.Bench.Baseline;

/// <summary>
/// One benchmark with one set of parameters and arguments, as BenchmarkDotNet finds it, to be run without its engine:
/// on an object of its own, with the same set-up methods.
/// </summary>
internal sealed class MeasuredBenchmark
{
    private readonly Descriptor _descriptor;
    private readonly object _instance;

    private MeasuredBenchmark(BenchmarkCase found)
    {
        _descriptor = found.Descriptor;
        _instance = Activator.CreateInstance(_descriptor.Type)!;
        Name = FullNameProvider.GetBenchmarkName(found);
        foreach (ParameterInstance parameter in found.Parameters.Items.Where(p => !p.IsArgument))
        {
            _descriptor.Type.GetProperty(parameter.Name)!.SetValue(_instance, parameter.Value);
        }

        // Compiled, since a call by reflection would itself allocate.
        IEnumerable<Expression> arguments = _descriptor.WorkloadMethod.GetParameters()
            .Select(wanted => Expression.Constant(
            found.Parameters.Items.Single(p => p.IsArgument && p.Name == wanted.Name).Value, wanted.ParameterType));
        Expression call = Expression.Call(Expression.Constant(_instance), _descriptor.WorkloadMethod, arguments);
        Invoke = Expression.Lambda<Action>(Expression.Block(typeof(void), Kept(call))).Compile();
    }

    /// <summary>As BenchmarkDotNet prints it: namespace, type, method, parameters.</summary>
    public string Name { get; }

    /// <summary>How many operations one call of <see cref="Invoke"/> does.</summary>
    public int OperationsPerInvoke => _descriptor.OperationsPerInvoke;

    /// <summary>Runs it once.</summary>
    public Action Invoke { get; }

    /// <summary>All of this assembly, one at a time: what one holds can be freed before the next is created.</summary>
    public static IEnumerable<MeasuredBenchmark> All()
    {
        IConfig config = ManualConfig.CreateEmpty().AddJob(Job.Dry);
        return typeof(MeasuredBenchmark).Assembly.GetTypes()
            .Where(type => type.GetMethods().Any(method => method.IsDefined(typeof(BenchmarkAttribute))))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .SelectMany(type => BenchmarkConverter.TypeToBenchmarks(type, config).BenchmarksCases)
            .Select(found => new MeasuredBenchmark(found));
    }

    public void SetUp() => Call(_descriptor.GlobalSetupMethod);

    public void SetUpIteration() => Call(_descriptor.IterationSetupMethod);

    public void CleanUp() => Call(_descriptor.GlobalCleanupMethod);

    // The compiler need not compute a result that is not used, nor allocate what leads to it.
    private static Expression Kept(Expression call) => call.Type == typeof(void)
        ? call
        : Expression.Assign(Expression.Property(
            null, typeof(LastResult<>).MakeGenericType(call.Type), nameof(LastResult<int>.Value)), call);

    private void Call(MethodInfo? method) => method?.Invoke(_instance, null);
}
