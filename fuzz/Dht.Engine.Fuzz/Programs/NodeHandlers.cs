using Dht.Engine.Node;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>Handlers that decide now and then, ask back, and throw.</summary>
internal sealed class NodeHandlers
{
    private static readonly CustomMethod<Number, Number> Twice = new(Questions.CustomName);
    private static readonly Exception Fault = new InvalidOperationException("a handler that throws");

    /// <summary>How often one threw since <see cref="Make"/>.</summary>
    public long Faults { get; private set; }

    /// <summary>New extensions with all of them.</summary>
    public NodeExtensions Make()
    {
        Faults = 0;
        NodeExtensions extensions = new();
        extensions.Methods.Answer(Twice, static number => new Number(2 * number.Value));
        extensions.Handlers.Add("find_node", DecideByPort);
        extensions.Handlers.Add("get_peers", AskBack, priority: 1);
        extensions.Handlers.Add(RefuseBroken, priority: -1);
        return extensions;
    }

    private void DecideByPort(ref QueryContext context)
    {
        switch (context.Query.TransactionId.Length)
        {
            case 4:
                context.Veto();
                break;
            case 20:
                context.Reply(new Number(1));
                break;
            case 255:
                Faults++;
                throw Fault;
        }
    }

    private static void AskBack(ref QueryContext context)
    {
        if (context.Query.TransactionId.Length == 4)
        {
            context.Node.Ping(context.Source, context.Now);
        }
    }

    private static void RefuseBroken(ref QueryContext context)
    {
        if (context.Query.BodyFault != Krpc.KrpcFault.None)
        {
            context.Refuse(299, "broken"u8);
        }
    }
}
