return Dht.Cli.OpenFiles.Suffice() ? await Dht.Cli.CommandLine.RunAsync(args).ConfigureAwait(false) : 1;
