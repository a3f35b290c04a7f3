namespace Dht.Engine.Krpc;

/// <summary>
/// The arguments of a query or the results of a response, of a method of your own: a type that writes itself into a
/// message and reads itself from one. Make it a struct, or a <c>ref struct</c> over the bytes of the datagram, and
/// nothing is allocated; make it a record if that is more convenient.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface IKrpcBody<TSelf>
    where TSelf : IKrpcBody<TSelf>, allows ref struct
{
    /// <summary>
    /// Reads the dictionary <c>a</c> or <c>r</c>; false when what it needs is missing or out of shape. A query is
    /// then answered with error 203. Comes from strangers: expect anything, and do not throw.
    /// </summary>
    /// <param name="body">
    /// Borrows the datagram; a <c>ref struct</c> may keep spans of it for as long as the message lives.
    /// </param>
    /// <param name="value">What was read.</param>
    static abstract bool TryRead(KrpcBodyReader body, out TSelf value);

    /// <summary>Writes the entries, keys in raw byte order. <c>id</c> is put in by the engine.</summary>
    void Write(ref KrpcBodyWriter body);
}
