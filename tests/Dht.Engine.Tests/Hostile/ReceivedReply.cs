using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Krpc;

namespace Dht.Engine.Tests.Hostile;

/// <summary>What a query of ours brought: how it ended, and what could be read in the answer.</summary>
internal sealed class ReceivedReply : IQueryListener
{
    public string End { get; private set; } = "open";

    public int Ends { get; private set; }

    public int Nodes { get; private set; }

    public int Nodes6 { get; private set; }

    public int Values { get; private set; }

    public int Samples { get; private set; }

    public int Interval { get; private set; }

    public long Num { get; private set; }

    public string Token { get; private set; } = "";

    public int ErrorCode { get; private set; }

    public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
    {
        Note("response");
        Nodes = response.Nodes.Count;
        Nodes6 = response.Nodes6.Count;
        Samples = response.Samples.Length;
        Interval = response.Interval;
        Num = response.Num;
        Token = Wire.Text(response.Token);
        foreach (Endpoint peer in response.Values)
        {
            Values += peer.Family == IpFamily.None ? 0 : 1;
        }
    }

    public void OnError(in KrpcMessage error, in Endpoint source, long cookie)
    {
        Note("error");
        ErrorCode = error.ErrorCode;
    }

    public void OnTimeout(in Endpoint destination, long cookie) => Note("timeout");

    private void Note(string end)
    {
        End = end;
        Ends++;
    }
}
