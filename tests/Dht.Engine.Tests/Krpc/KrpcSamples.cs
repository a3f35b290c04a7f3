using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

/// <summary>One sound, canonical message of every kind that the BEPs know.</summary>
internal static class KrpcSamples
{
    private static readonly Dictionary<string, byte[]> Messages = new()
    {
        ["ping"] = Query("ping"),
        ["pong"] = Response(),
        ["find_node"] = Query("find_node", $"6:target20:{IdB}"),
        ["find_node of both families"] = Query("find_node", $"6:target20:{IdB}4:wantl2:n42:n6e"),
        ["nodes"] = Response($"5:nodes{Str(Fill(8 * 26))}"),
        ["no nodes"] = Response("5:nodes0:"),
        ["nodes6"] = Response($"5:nodes{Str(Fill(26))}6:nodes6{Str(Fill(2 * 38))}", "2:ip18:" + Fill(18)),
        ["get_peers"] = Query("get_peers", $"9:info_hash20:{IdB}"),
        ["get_peers with scrape"] = Query("get_peers", $"9:info_hash20:{IdB}6:noseedi1e6:scrapei1e"),
        ["peers"] = Response("5:token8:aoeusnth6:valuesl6:axje.u6:idhtnme"),
        ["peers6"] = Response($"5:token8:aoeusnth6:valuesl{Str(Fill(18))}{Str(Fill(18, 3))}e"),
        ["bloom filters"] = Bytes(
            $"d2:ip6:abcdef1:rd4:BFpe{Str(Fill(256))}4:BFsd{Str(Fill(256))}2:id20:{IdB}5:token1:xe1:t2:aa1:y1:re"),
        ["announce_peer"] = Query(
            "announce_peer", $"12:implied_porti1e9:info_hash20:{IdB}4:porti6881e5:token8:aoeusnth"),
        ["read-only"] = Query("ping", "", "2:roi1e"),
        ["observed"] = Response("", "2:ip6:\u007F\0\0\u0001\u001A\u00E1"),
        ["sample_infohashes"] = Query("sample_infohashes", $"6:target20:{IdB}"),
        ["samples"] = Response($"8:intervali21600e5:nodes{Str(Fill(26))}3:numi2e7:samples{Str(Fill(40))}"),
        ["error"] = Bytes("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee"),
        ["unknown method"] = Bytes($"d1:ad2:id20:{IdA}5:valued1:xi-7e1:yl0:eee1:q5:hello1:t1:z1:v4:XX\0\u00011:y1:qe"),
    };

    public static TheoryData<string> Names => [.. Messages.Keys];

    public static byte[][] All => [.. Messages.Values];

    public static byte[] Get(string name) => Messages[name];
}
