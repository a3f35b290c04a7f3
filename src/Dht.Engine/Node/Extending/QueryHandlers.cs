using System.Text;

namespace Dht.Engine.Node;

/// <summary>
/// The handlers that see queries before they are answered: several for a method, ordered by priority, removable at any
/// time. Thread-safe. A handler may add handlers, which see the next query, and remove some, which are no longer
/// called.
/// </summary>
public sealed class QueryHandlers
{
    private readonly PriorityList<FilteredHandler> _handlers = new();

    internal bool IsEmpty => _handlers.Entries.IsEmpty;

    /// <summary>
    /// Adds a handler of every query, those of unknown methods and with broken arguments (BodyFault) included.
    /// </summary>
    /// <param name="handler">Yours.</param>
    /// <param name="priority">A higher one is asked earlier; equals in the order in which they were added.</param>
    public Registration Add(QueryHandler handler, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _handlers.Add(new FilteredHandler(null, handler), priority);
    }

    /// <summary>Adds a handler of the queries of one method whose arguments could be read.</summary>
    /// <param name="method">Such as <c>find_node</c>; a method of your own or of others as well.</param>
    /// <param name="handler">Yours.</param>
    /// <param name="priority">A higher one is asked earlier; equals in the order in which they were added.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public Registration Add(string method, QueryHandler handler, int priority = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(handler);
        return _handlers.Add(new FilteredHandler(Encoding.UTF8.GetBytes(method), handler), priority);
    }

    /// <summary>Asks one after another until one decides.</summary>
    internal void Run(ref QueryContext context, NodeFaults faults)
    {
        foreach (PriorityList<FilteredHandler>.Entry entry in _handlers.Entries)
        {
            if (!entry.IsActive || !entry.Item.Matches(context))
            {
                continue;
            }

            context.Decide(entry.Item.Handler, faults);
            if (context.Decision != QueryDecision.None)
            {
                return;
            }
        }
    }

    private readonly record struct FilteredHandler(byte[]? Method, QueryHandler Handler)
    {
        public bool Matches(in QueryContext context) => Method == null
            || (context.Query.BodyFault == Krpc.KrpcBodyFault.None && context.Query.MethodName.SequenceEqual(Method));
    }
}
