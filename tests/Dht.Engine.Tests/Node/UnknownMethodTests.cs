using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;
using static Dht.Engine.Tests.Support.NodeHarness;

namespace Dht.Engine.Tests.Node;

/// <summary>
/// What is answered to queries that are not ours to understand, and to odd ones that others read otherwise.
/// </summary>
public sealed class UnknownMethodTests
{
    private readonly NodeHarness _node = new();

    /// <summary>
    /// An iterative search by a method that we do not know (get of BEP 44, say) must get past us: what it looks for may
    /// be at the contacts that we name.
    /// </summary>
    [Theory]
    [InlineData("get", "6:target", "", false, "5:nodes", "6:nodes6")]
    [InlineData("get", "6:target", "", true, "6:nodes6", "5:nodes")]
    [InlineData("get", "6:target", "4:wantl2:n6e", false, "6:nodes6", "5:nodes")]
    [InlineData("find", "9:info_hash", "4:wantl2:n4e", true, "5:nodes", "6:nodes6")]
    [InlineData("find", "9:info_hash", "", false, "5:nodes", "6:nodes6")]
    public void AnUnknownMethodWithATarget_IsAnsweredAsFindNode(
        string method, string key, string want, bool overIPv6, string present, string absent)
    {
        _node.Introduce(NodeId.Random(new SeededRandomSource(21)), Endpoint.Parse("9.9.9.9:1"));
        _node.Introduce(NodeId.Random(new SeededRandomSource(22)), Endpoint.Parse("[2a00::1]:1"));
        Endpoint asker = overIPv6 ? Asker6 : Asker;
        NodeCounters before = _node.Counters;
        string reply = _node.Ask(Query(method, $"{key}20:{IdB}{want}"), asker);
        Assert.Equal(_node.Ask(Query("find_node", $"6:target20:{IdB}{want}"), asker), reply);
        Assert.Contains(present + (present == "5:nodes" ? "26:" : "38:"), reply, StringComparison.Ordinal);
        Assert.DoesNotContain(absent, reply, StringComparison.Ordinal);

        // A token would invite to a put, which we would refuse, and so take a place of one that stores it.
        Assert.DoesNotContain("5:token", reply, StringComparison.Ordinal);
        Assert.Equal(before.ErrorsSent, _node.Counters.ErrorsSent);
        Assert.Equal(before.QueriesAnswered + 2, _node.Counters.QueriesAnswered);
    }

    [Theory]
    [InlineData("")]
    [InlineData("6:target19:mnopqrstuvwxyz12345")]
    [InlineData("6:target21:mnopqrstuvwxyz1234567")]
    [InlineData("6:targeti1e")]
    [InlineData("9:info_hash0:")]
    [InlineData("5:token4:abcd1:v5:hello")]
    public void AnUnknownMethodWithoutATarget_IsAnsweredWith204(string arguments) => Assert.Contains(
        "1:eli204e14:method unknown", _node.Ask(Query("put", arguments)), StringComparison.Ordinal);

    [Fact]
    public void AnUnknownMethodWithATarget_IsStillTheUsers()
    {
        using Registration method = _node.Node.Extensions.Methods.Answer(
            new CustomMethod<KrpcDocument, KrpcDocument>("get"),
            static _ => new KrpcDocument(new BencodeBuilder { ["x"] = "own" }));
        Assert.Contains("1:x3:own", _node.Ask(Query("get", $"6:target20:{IdB}")), StringComparison.Ordinal);
        Assert.DoesNotContain("5:nodes", _node.Ask(Query("get", $"6:target20:{IdB}")), StringComparison.Ordinal);
        using Registration handler = _node.Node.Extensions.Handlers.Add(
            static (ref QueryContext context) => context.Refuse(299, "mine"u8));
        Assert.Contains("1:eli299e4:mine", _node.Ask(Query("find", $"6:target20:{IdB}")), StringComparison.Ordinal);
        Assert.Contains("1:eli299e4:mine", _node.Ask(Query("get", $"6:target20:{IdB}")), StringComparison.Ordinal);
    }

    /// <summary>
    /// What others do differently, and either is fine: contacts of the asker's family for a <c>want</c> that names no
    /// family we know, an empty list for one that we have no contact of, silence where there is no usable <c>t</c>.
    /// </summary>
    [Theory]
    [InlineData("4:wantl2:n7e", "5:nodes26:")]
    [InlineData("4:wantle", "5:nodes26:")]
    [InlineData("4:want2:n6", "5:nodes26:")]
    [InlineData("4:wantl2:n6e", "6:nodes60:")]
    [InlineData("4:wantl2:n42:n6e", "6:nodes60:")]
    public void WantsThatOthersReadDifferently(string want, string expected)
    {
        _node.Introduce(NodeId.Random(new SeededRandomSource(21)), Endpoint.Parse("9.9.9.9:1"));
        Assert.Contains(
            expected, _node.Ask(Query("find_node", $"6:target20:{IdB}{want}")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1:t0:")]
    [InlineData("1:ti7e")]
    [InlineData("")]
    [InlineData("1:t1:a1:t1:b")]
    [InlineData("1:t02:aa")]
    [InlineData("1:t2:aa1:zi-0e")]
    public void WhereOthersAnswerWithoutAUsableT_WeAreSilent(string t) =>
        Assert.Equal("", _node.Ask(Bytes($"d1:ad2:id20:{IdA}e1:q4:ping{t}1:y1:qe")));
}
