using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// The second half of an announcing lookup in one family: each of the nearest nodes is shown the token that it gave
/// (BEP 5). One that is late is shown it once more; one that refuses is asked again after a pause, and one that finds
/// the token bad is asked for another, once.
/// </summary>
internal sealed class LookupAnnouncement
{
    // Ten a second, as often as a lookup comes back.
    private const int HoldUpsMax = 50;
    private const int RefusalsMax = 2;

    private readonly AnnouncedPlace[] _places = new AnnouncedPlace[NodeOptions.ContactsPerReplyMax];
    private int _count;

    /// <summary>Whether it has begun.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>Nodes to which it was sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Nodes that confirmed it.</summary>
    public int Accepted { get; private set; }

    /// <summary>Whether there is anything to do or to wait for.</summary>
    public bool IsOver { get; private set; }

    /// <summary>When there is something to do, if nothing happens before.</summary>
    public Instant NextDue { get; private set; } = Instant.Never;

    /// <summary>Forgets the last use.</summary>
    public void Reset()
    {
        _count = 0;
        Sent = 0;
        Accepted = 0;
        IsUnderWay = false;
        IsOver = false;
        NextDue = Instant.Never;
    }

    /// <summary>From now on those to announce to stay as they are.</summary>
    public void Begin(int count)
    {
        IsUnderWay = true;
        _count = count;
        _places.AsSpan().Clear();
        foreach (ref AnnouncedPlace place in _places.AsSpan(0, count))
        {
            place.IsDue = true;
        }
    }

    /// <summary>Sends what is due.</summary>
    public void Send(FamilySearch search, ushort port, Instant now)
    {
        IsOver = true;
        NextDue = Instant.Never;
        for (int i = 0; i < _count; i++)
        {
            ref AnnouncedPlace place = ref _places[i];
            if (place is { IsDone: false, IsDue: true, Open: 0 } && place.DueAt <= now)
            {
                Send(search, i, port, now);
            }

            IsOver &= place.IsDone;
            NextDue = place is { IsDone: false, IsDue: true, Open: 0 } ? Instant.Min(NextDue, place.DueAt) : NextDue;
        }
    }

    /// <summary>It takes unusually long: it may be lost.</summary>
    public void MarkLate(FamilySearch search, LookupCookie mark, ushort port, Instant now)
    {
        ref AnnouncedPlace place = ref _places[mark.Place];
        if (place is { IsDone: false, IsRepeated: false })
        {
            place.IsRepeated = true;
            AskResult asked = mark.IsForToken
                ? search.AskForToken(mark.Place, now)
                : search.Announce(mark.Place, port, now);
            place.Open += (byte)(asked == AskResult.Sent ? 1 : 0);
        }
    }

    /// <summary>It was answered.</summary>
    public void Take(FamilySearch search, LookupCookie mark, in KrpcMessage response, Instant now)
    {
        ref AnnouncedPlace place = ref _places[mark.Place];
        place.Open--;
        if (place.IsDone)
        {
            return;
        }

        if (!mark.IsForToken)
        {
            place.IsDone = true;
            Accepted++;
        }
        else if (place.LacksToken)
        {
            place.LacksToken = false;
            place.IsDone = !search.Candidates.SetTokenAt(mark.Place, response.Token);
            Plan(ref place, now);
        }
    }

    /// <summary>It was refused.</summary>
    public void Refuse(LookupCookie mark, RefusalKind refusal, Instant now)
    {
        ref AnnouncedPlace place = ref _places[mark.Place];
        place.Open--;
        if (refusal == RefusalKind.ForNow && place.Refusals < RefusalsMax)
        {
            place.Refusals++;
            Plan(ref place, LookupPauses.After(now));
        }
        else if (refusal == RefusalKind.OfArguments && !mark.IsForToken && !place.IsRenewed)
        {
            place.IsRenewed = true;
            place.LacksToken = true;
            Plan(ref place, now);
        }
        else
        {
            End(ref place);
        }
    }

    /// <summary>It will not be answered.</summary>
    public void Fail(LookupCookie mark)
    {
        ref AnnouncedPlace place = ref _places[mark.Place];
        place.Open--;
        End(ref place);
    }

    private static void End(ref AnnouncedPlace place) => place.IsDone |= place is { Open: 0, IsDue: false };

    private static void Plan(ref AnnouncedPlace place, Instant dueAt)
    {
        place.IsDue = true;
        place.DueAt = dueAt;
    }

    private void Send(FamilySearch search, int index, ushort port, Instant now)
    {
        ref AnnouncedPlace place = ref _places[index];
        AskResult asked = place.LacksToken ? search.AskForToken(index, now) : search.Announce(index, port, now);
        if (asked == AskResult.Sent)
        {
            Sent += place.LacksToken || place.IsSent ? 0 : 1;
            place.IsSent |= !place.LacksToken;
            place.Open++;
            place.IsDue = false;
            place.IsRepeated = false;
        }
        else if (asked == AskResult.Forbidden || ++place.HoldUps == HoldUpsMax)
        {
            place.IsDone = true;
        }
        else
        {
            Plan(ref place, now + LookupPauses.RetryInterval);
        }
    }
}
