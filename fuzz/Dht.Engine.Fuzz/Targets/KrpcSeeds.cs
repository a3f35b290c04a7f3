namespace Dht.Engine.Fuzz.Targets;

/// <summary>Messages and words of the protocol, shared by the targets that speak it.</summary>
internal static class KrpcSeeds
{
    private static readonly byte[] Contacts = MakeContacts();

    /// <summary>One of every message that nodes send each other, and some that they should not.</summary>
    public static IReadOnlyList<byte[]> Messages { get; } =
    [
        .. Queries(),
        .. Responses(),
        "d1:eli203e14:Protocol Errore1:t4:aabb1:y1:ee"u8.ToArray(),
        "d1:eli202e0:e2:ip6:\x08\x08\x08\x08\x1a\xe11:t4:aabb1:v4:LT011:y1:ee"u8.ToArray(),
    ];

    /// <summary>Keys and small values.</summary>
    public static IReadOnlyList<byte[]> Words { get; } =
    [
        "1:a"u8.ToArray(), "1:r"u8.ToArray(), "1:e"u8.ToArray(), "1:t"u8.ToArray(), "1:y"u8.ToArray(),
        "1:q"u8.ToArray(),
        "1:v"u8.ToArray(), "2:id"u8.ToArray(), "2:ip"u8.ToArray(), "2:ro"u8.ToArray(), "5:nodes"u8.ToArray(),
        "6:nodes6"u8.ToArray(),
        "6:values"u8.ToArray(), "5:token"u8.ToArray(), "4:want"u8.ToArray(), "6:target"u8.ToArray(),
        "9:info_hash"u8.ToArray(),
        "4:port"u8.ToArray(), "12:implied_port"u8.ToArray(), "7:samples"u8.ToArray(), "8:interval"u8.ToArray(),
        "3:num"u8.ToArray(),
        "1:y1:q"u8.ToArray(), "1:y1:r"u8.ToArray(), "1:y1:e"u8.ToArray(), "1:q4:ping"u8.ToArray(),
        "1:q9:find_node"u8.ToArray(),
        "1:q9:get_peers"u8.ToArray(), "1:q13:announce_peer"u8.ToArray(), "1:q17:sample_infohashes"u8.ToArray(),
        "1:t4:aabb"u8.ToArray(),
        "2:roi1e"u8.ToArray(), "l2:n42:n6e"u8.ToArray(), "le"u8.ToArray(), "de"u8.ToArray(), "i0e"u8.ToArray(),
        "i-1e"u8.ToArray(),
        "0:"u8.ToArray(), "e"u8.ToArray(), "20:abcdefghij0123456789"u8.ToArray(), "eli201e1:xe"u8.ToArray(),
    ];

    private static byte[][] Queries() =>
    [
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t4:aabb1:v4:LT011:y1:qe"u8.ToArray(),
        ("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz1234564:wantl2:n42:n6ee"u8
            + "1:q9:find_node1:t4:aabb1:y1:qe"u8).ToArray(),
        ("d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers2:roi1e"u8
            + "1:t4:aabb1:y1:qe"u8).ToArray(),
        ("d1:ad2:id20:abcdefghij012345678912:implied_porti1e"u8
            + "9:info_hash20:mnopqrstuvwxyz1234564:porti6881e5:token8:aoeusnthe"u8
            + "1:q13:announce_peer1:t4:aabb1:y1:qe"u8).ToArray(),
        ("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e"u8
            + "1:q17:sample_infohashes1:t4:aabb1:y1:qe"u8).ToArray(),
        "d1:ad2:id20:abcdefghij0123456789e1:q4:vote1:t4:aabb1:y1:qe"u8.ToArray(),
    ];

    private static byte[][] Responses() =>
    [
        [.. "d2:ip6:\x08\x08\x08\x08\x1a\xe11:rd2:id20:abcdefghij0123456789e1:t4:aabb1:v4:LT011:y1:re"u8],
        [.. "d1:rd2:id20:abcdefghij01234567895:nodes208:"u8, .. Contacts.AsSpan(0, 208), .. "e1:t4:aabb1:y1:re"u8],
        [.. "d1:rd2:id20:abcdefghij01234567895:nodes26:"u8, .. Contacts.AsSpan(0, 26), .. "6:nodes638:"u8,
            .. Contacts.AsSpan(0, 20), .. Convert.FromHexString("20014860486000000000000000008888"), 0x1A, 0xE1,
            .. "e1:t4:aabb1:y1:re"u8],
        "d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t4:aabb1:y1:re"u8.ToArray(),
        [.. "d1:rd2:id20:abcdefghij01234567898:intervali60e5:nodes26:"u8, .. Contacts.AsSpan(0, 26),
            .. "3:numi2e7:samples40:abcdefghij0123456789mnopqrstuvwxyz123456e1:t4:aabb1:y1:re"u8],
    ];

    private static byte[] MakeContacts()
    {
        byte[] contacts = new byte[8 * 26];
        for (int i = 0; i < contacts.Length; i++)
        {
            contacts[i] = (byte)(1 + (i * 37 % 200));
        }

        return contacts;
    }
}
