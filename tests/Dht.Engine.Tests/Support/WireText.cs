using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Tests.Krpc;

namespace Dht.Engine.Tests.Support;

/// <summary>What the engine has on the wire, as text with one character a byte, and messages made of it.</summary>
internal static class WireText
{
    /// <summary>The bytes of an id.</summary>
    public static string Of(in NodeId id)
    {
        byte[] bytes = new byte[NodeId.Size];
        id.CopyTo(bytes);
        return Wire.Text(bytes);
    }

    /// <summary>The compact form of an endpoint.</summary>
    public static string Of(in Endpoint endpoint)
    {
        byte[] bytes = new byte[endpoint.CompactSize];
        endpoint.WriteCompact(bytes);
        return Wire.Text(bytes);
    }

    /// <summary>The compact form of a contact.</summary>
    public static string Of(in CompactNode node) => Of(node.Id) + Of(node.Endpoint);

    /// <summary>A query of any sender.</summary>
    public static byte[] Query(in NodeId sender, string method, string arguments = "") =>
        Wire.Bytes($"d1:ad2:id20:{Of(sender)}{arguments}e1:q{Wire.Str(method)}1:t2:aa1:y1:qe");

    /// <summary>The <c>e</c> of an error message: exactly a number and a text.</summary>
    public static (long Code, string Text) ErrorOf(byte[] datagram)
    {
        BencodeValue message = BencodeValue.Parse(datagram, BencodeMode.Strict);
        Assert.Equal("e", message["y"].GetText());
        BencodeValue error = message["e"];
        Assert.Equal(BencodeKind.List, error.Kind);
        Assert.Equal(2, error.Count);
        Assert.Equal(BencodeKind.Integer, error[0].Kind);
        Assert.Equal(BencodeKind.String, error[1].Kind);
        return (error[0].GetInteger(), Encoding.UTF8.GetString(error[1].GetBytes().Span));
    }
}
