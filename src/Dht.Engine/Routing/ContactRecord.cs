using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <summary>What a table knows of a contact beside its address: 32 bytes.</summary>
internal struct ContactRecord
{
    /// <summary>When it last answered.</summary>
    public Instant AnsweredAt;

    /// <summary>When it last answered or was last offered for a ping.</summary>
    public Instant NoticedAt;

    /// <summary>When it last queried us; long before the origin if never.</summary>
    public Instant HeardAt;

    /// <summary>Queries in a row that it left unanswered.</summary>
    public int Failures;

    /// <summary>Whether it was offered for a ping since it last answered.</summary>
    public bool IsOffered;

    /// <summary>The record of a contact that answers for the first time.</summary>
    public static ContactRecord Answered(Instant at) =>
        new() { AnsweredAt = at, NoticedAt = at, HeardAt = new Instant(long.MinValue) };

    /// <summary>Notes an answer. That it queried us before still counts.</summary>
    public void NoteAnswer(Instant now)
    {
        AnsweredAt = now;
        NoticedAt = now;
        Failures = 0;
        IsOffered = false;
    }

    /// <summary>Notes that it is offered for a ping.</summary>
    public void NoteOffer(Instant now)
    {
        NoticedAt = now;
        IsOffered = true;
    }

    /// <summary>
    /// Its health by BEP 5. Only contacts that have answered have a record, so a query heard is enough to be good.
    /// </summary>
    public readonly ContactHealth HealthAt(Instant now, TimeSpan staleAfter) => Failures switch
    {
        0 when now - AnsweredAt < staleAfter || now - HeardAt < staleAfter => ContactHealth.Good,
        0 or 1 => ContactHealth.Questionable,
        _ => ContactHealth.Bad,
    };
}
