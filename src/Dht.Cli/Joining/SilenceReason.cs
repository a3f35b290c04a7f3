using System.Net.Sockets;
using Dht.Cli.Output;

namespace Dht.Cli.Joining;

/// <summary>
/// Why nobody has answered, by one rule for all commands: what is known from the counters, and no more. A question
/// comes last, since another sentence may follow.
/// </summary>
internal static class SilenceReason
{
    /// <param name="facts">What the counters say.</param>
    /// <param name="who">Who was asked, such as "5 bootstrap nodes".</param>
    public static string Describe(in SilenceFacts facts, string who)
    {
        if (facts.Errors > 0)
        {
            string what = facts.LastError?.ToString() ?? "an error";
            return $"{who} answered with {what} and nothing else; try again later, or ask others";
        }

        if (facts.Sent == 0 && facts.NotSent > 0)
        {
            return $"{Refusal(facts)}; there is no route, or a firewall forbids it";
        }

        string within = facts.Within is { } time ? $" within {Human.Seconds(time)}" : string.Empty;
        if (facts.Open > 0)
        {
            string are = facts.Open == 1 ? "query is" : "queries are";
            return $"no answer{within}; {Human.Count(facts.Open)} {are} still open, so give it more time";
        }

        string answer = $"no answer{within} from {who} to {Queries(facts.Sent)}";
        return facts.NotSent > 0 ? $"{answer}, and {Refusal(facts)}"
            : facts.Unusable > 0 ? $"{answer} but {Human.Count(facts.Unusable)} that came too late or make no sense"
            : $"{answer}; nothing listens there, or packets are lost on the way";
    }

    /// <summary>The system's own word for why it did not send, such as "Network is unreachable".</summary>
    public static string Describe(SocketError error) => new SocketException((int)error).Message;

    private static string Refusal(in SilenceFacts facts) =>
        $"the system refused to send {Queries(facts.NotSent)} ({Describe(facts.SendError)})";

    private static string Queries(long count) => count == 1 ? "1 query" : $"{Human.Count(count)} queries";
}
