using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Engine.Transport;

/// <summary>
/// An <see cref="EndPoint"/> that <see cref="SocketAsyncEventArgs"/> can use over and over. <see cref="IPEndPoint"/>
/// makes a new address whenever the sender changes, about 71 bytes a packet; this one copies the bytes into the one
/// it has.
/// </summary>
internal sealed class ReusableEndPoint : EndPoint
{
    private readonly SocketAddress _address;
    private readonly bool _isIPv6;

    public ReusableEndPoint(AddressFamily family)
    {
        AddressFamily = family;
        _isIPv6 = family == AddressFamily.InterNetworkV6;
        _address = new SocketAddress(family, SocketAddressCodec.SizeOf(family));
    }

    public override AddressFamily AddressFamily { get; }

    public Endpoint Value => SocketAddressCodec.Read(_address.Buffer.Span, _isIPv6);

    public bool TrySet(in Endpoint endpoint) => SocketAddressCodec.TryWrite(endpoint, _address.Buffer.Span, _isIPv6);

    /// <summary>The address to receive into or send to: always the same object.</summary>
    public override SocketAddress Serialize() => _address;

    /// <summary>Called with the address that a datagram came from.</summary>
    public override EndPoint Create(SocketAddress socketAddress)
    {
        if (!ReferenceEquals(socketAddress, _address))
        {
            socketAddress.Buffer.Span[..Math.Min(socketAddress.Size, _address.Size)].CopyTo(_address.Buffer.Span);
        }

        return this;
    }

    /// <summary>Never equal, so that the framework asks <see cref="Create"/> for every datagram.</summary>
    public override bool Equals(object? comparand) => false;

    public override int GetHashCode() => 0;
}
