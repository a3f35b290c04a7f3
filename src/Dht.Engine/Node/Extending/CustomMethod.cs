using System.Text;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>
/// A query method of your own: its name on the wire, and the types of what is asked and what is answered.
/// </summary>
/// <typeparam name="TArguments">The entries of <c>a</c>.</typeparam>
/// <typeparam name="TResults">The entries of <c>r</c>.</typeparam>
/// <remarks>Immutable: keep one in a static field.</remarks>
public sealed class CustomMethod<TArguments, TResults>
    where TArguments : IKrpcBody<TArguments>, allows ref struct
    where TResults : IKrpcBody<TResults>, allows ref struct
{
    private const int NameSizeMax = 64;

    private readonly byte[] _name;

    /// <summary>Names a method.</summary>
    /// <param name="name">1 to 64 bytes in UTF-8, not one of the engine's own methods.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or one of the engine's own.</exception>
    public CustomMethod(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _name = Encoding.UTF8.GetBytes(name);
        Name = name;
        if (_name.Length > NameSizeMax)
        {
            throw new ArgumentException(
                $"The name of a method has at most {NameSizeMax} bytes; '{name}' has {_name.Length}.", nameof(name));
        }

        if (KrpcParser.MethodOf(_name) != KrpcMethod.Other)
        {
            throw new ArgumentException(
                $"The engine answers '{name}' itself; add a query handler to change what it answers.", nameof(name));
        }
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    internal ReadOnlySpan<byte> NameBytes => _name;

    /// <summary>Reads the results out of a response; false when something is missing or out of shape.</summary>
    /// <param name="response">The response to a query of this method.</param>
    /// <param name="results">May borrow the response if it is a <c>ref struct</c>.</param>
    public bool TryReadResults(in KrpcMessage response, out TResults results) =>
        TResults.TryRead(new KrpcBodyReader(response.Body), out results);

    internal static bool TryReadArguments(in KrpcMessage query, out TArguments arguments) =>
        TArguments.TryRead(new KrpcBodyReader(query.Body), out arguments);
}
