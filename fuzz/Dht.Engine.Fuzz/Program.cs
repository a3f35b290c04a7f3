using System.CommandLine;
using Dht.Engine.Fuzz;
using Dht.Engine.Fuzz.Instrumentation;
using Dht.Engine.Fuzz.Running;
using Dht.Tools.Arguments;

FuzzArguments arguments = new(FuzzTargets.CreateAll());
arguments.Root.SetAction(Run);
return await CommandLineDoor.RunAsync(arguments.Root, "fuzz", args).ConfigureAwait(false);

int Run(ParseResult parsed)
{
    FuzzOptions? options = arguments.Read(parsed);
    if (options is null)
    {
        foreach (IFuzzTarget target in FuzzTargets.CreateAll().Where(static target => !target.IsPlanted))
        {
            Console.WriteLine(target.Name);
        }

        return 0;
    }

    return options.IsGuided ? GuidedHost.Run(args, options.Target) : FuzzCommand.Run(options, copyPath: null);
}
