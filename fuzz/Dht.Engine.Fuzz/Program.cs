using Dht.Engine.Fuzz;
using Dht.Engine.Fuzz.Instrumentation;
using Dht.Engine.Fuzz.Running;

if (args is ["--list"])
{
    foreach (IFuzzTarget target in FuzzTargets.CreateAll().Where(static target => !target.IsPlanted))
    {
        Console.WriteLine(target.Name);
    }

    return 0;
}

if (!FuzzOptions.TryParse(args, FuzzTargets.CreateAll(), out FuzzOptions? options, out string message))
{
    Console.Error.WriteLine(message);
    return 2;
}

if (options!.ReplayPath is { } path && !File.Exists(path))
{
    Console.Error.WriteLine($"there is no file '{path}'");
    return 2;
}

if (options.ReplayPath is { } file && GuardedInput.Load(file).Length > GuardedInput.LengthMax)
{
    Console.Error.WriteLine($"'{file}' is longer than an input may be, {GuardedInput.LengthMax} bytes");
    return 2;
}

return options.IsGuided ? GuidedHost.Run(args, options.Target) : FuzzCommand.Run(args, copyPath: null);
