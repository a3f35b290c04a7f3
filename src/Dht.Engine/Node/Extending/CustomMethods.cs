using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>The methods of your own that a node answers, one answer for each. Thread-safe.</summary>
public sealed class CustomMethods
{
    private readonly Lock _gate = new();
    private volatile Entry[] _entries = [];

    internal bool HasAny => _entries.Length > 0;

    /// <summary>Answers a method; handlers are asked first.</summary>
    /// <param name="method">Its name and types.</param>
    /// <param name="answer">Called on the engine's thread.</param>
    /// <exception cref="InvalidOperationException">The method is answered already.</exception>
    public Registration Answer<TArguments, TResults>(
        CustomMethod<TArguments, TResults> method, MethodAnswer<TArguments> answer)
        where TArguments : IKrpcBody<TArguments>, allows ref struct
        where TResults : IKrpcBody<TResults>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(answer);
        return Add(new Entry(method.NameBytes.ToArray(), Handle));

        void Handle(ref QueryContext context)
        {
            if (CustomMethod<TArguments, TResults>.TryReadArguments(context.Query, out TArguments arguments))
            {
                answer(in arguments, ref context);
            }
            else
            {
                context.Refuse(KrpcErrorCode.Protocol, "missing or invalid arguments"u8);
            }
        }
    }

    /// <summary>Answers a method with a function from arguments to results.</summary>
    /// <param name="method">Its name and types.</param>
    /// <param name="answer">Called on the engine's thread. Results beyond 1,024 bytes become error 202.</param>
    /// <exception cref="InvalidOperationException">The method is answered already.</exception>
    public Registration Answer<TArguments, TResults>(
        CustomMethod<TArguments, TResults> method, Func<TArguments, TResults> answer)
        where TArguments : IKrpcBody<TArguments>
        where TResults : IKrpcBody<TResults>
    {
        ArgumentNullException.ThrowIfNull(answer);
        return Answer(
            method, (scoped in TArguments arguments, ref QueryContext context) => context.Reply(answer(arguments)));
    }

    /// <summary>Answers a query if its method is one of these; false when it is not.</summary>
    internal bool TryAnswer(ref QueryContext context, NodeFaults faults)
    {
        ReadOnlySpan<byte> name = context.Query.MethodName;
        foreach (Entry entry in _entries)
        {
            if (!name.SequenceEqual(entry.Name))
            {
                continue;
            }

            context.Decide(entry.Handle, faults);
            if (context.Decision == QueryDecision.None)
            {
                context.Refuse(KrpcErrorCode.Server, "no answer"u8);
            }

            return true;
        }

        return false;
    }

    /// <summary>Whether a method is answered here.</summary>
    internal bool Contains(ReadOnlySpan<byte> name)
    {
        foreach (Entry entry in _entries)
        {
            if (name.SequenceEqual(entry.Name))
            {
                return true;
            }
        }

        return false;
    }

    private Registration Add(Entry entry)
    {
        lock (_gate)
        {
            if (Contains(entry.Name))
            {
                throw new InvalidOperationException(
                    $"'{System.Text.Encoding.UTF8.GetString(entry.Name)}' is answered already; "
                    + "dispose that registration first, or add a query handler.");
            }

            _entries = [.. _entries, entry];
        }

        return new Registration(() => Remove(entry));
    }

    private void Remove(Entry entry)
    {
        lock (_gate)
        {
            _entries = [.. _entries.Where(known => known != entry)];
        }
    }

    private sealed class Entry(byte[] name, QueryHandler handle)
    {
        public byte[] Name { get; } = name;

        public QueryHandler Handle { get; } = handle;
    }
}
