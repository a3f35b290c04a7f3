using Dht.Engine.Fuzz;

if (args is ["--list"])
{
    foreach (IFuzzTarget target in FuzzTargets.CreateAll())
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

using FuzzDriver driver = new(options);
return driver.Run();
