namespace Dht.Engine.Node;

/// <summary>
/// Answers a query of a method of your own: calls <see cref="QueryContext.Reply"/>, <see cref="QueryContext.Refuse"/>
/// or <see cref="QueryContext.Veto"/>. One that decides nothing, or throws, leaves the asker with error 202.
/// </summary>
/// <typeparam name="TArguments">The type of the arguments.</typeparam>
/// <param name="arguments">What was asked; borrowed for the duration of the call if it is a <c>ref struct</c>.</param>
/// <param name="context">Who asked, and where the decision goes.</param>
public delegate void MethodAnswer<TArguments>(scoped in TArguments arguments, ref QueryContext context)
    where TArguments : allows ref struct;
