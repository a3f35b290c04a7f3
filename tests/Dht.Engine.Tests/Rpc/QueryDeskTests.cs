using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Rpc;

public sealed class QueryDeskTests
{
    private const int Capacity = 4;

    private static readonly Endpoint Somebody = Endpoint.Parse("8.8.8.8:6881");
    private static readonly NodeId Self = new(Wire.Bytes(Wire.IdA));
    private static readonly NodeId Asked = new(Wire.Bytes(Wire.IdB));
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    private readonly Outbox _outbox = new(64, 64 * Outbox.DatagramSizeMax, AddressPolicy.Public);

    [Fact]
    public void ADroppedQuery_GivesItsSlotBack_AndStagesNothing()
    {
        QueryDesk<NumberedQuery> desk = Create();
        Ask(desk, Somebody, 0, Instant.Zero);
        for (int i = 0; i < 3 * Capacity; i++)
        {
            var query = new NumberedQuery(1, Asked);
            Assert.Equal(OpenResult.Opened, desk.TryOpen(Somebody, Instant.Zero, query, out OpenedQuery opened));
            desk.Drop(opened);
            desk.CheckInvariants();
            Assert.Equal(1, desk.Count);
            Assert.Equal(SettleResult.Unknown, Settle(desk, opened.Id, Asked, Somebody, out _));
        }

        Assert.Equal(0, Assert.Single(desk.Queries()).Number);
        Assert.Equal(1, _outbox.Count);
    }

    [Fact]
    public void AFullDesk_IsBusy_UntilAQueryEnds()
    {
        QueryDesk<NumberedQuery> desk = Create();
        var ids = new ulong[Capacity];
        for (int i = 0; i < Capacity; i++)
        {
            ids[i] = Ask(desk, Somebody, i, Instant.Zero);
        }

        Assert.Equal(Capacity, desk.Capacity);
        Assert.Equal(OpenResult.Busy, TryOpen(desk, Somebody, 9));
        Assert.Equal(SettleResult.Response, Settle(desk, ids[2], Asked, Somebody, out _));
        Assert.Equal(OpenResult.Opened, TryOpen(desk, Somebody, 9));
    }

    [Fact]
    public void AClosedDesk_OpensNothing_AndStillSettles()
    {
        QueryDesk<NumberedQuery> desk = Create();
        ulong id = Ask(desk, Somebody, 7, Instant.Zero);
        desk.Close();
        Assert.Equal(OpenResult.Busy, TryOpen(desk, Somebody, 8));
        Assert.Equal(1, desk.Count);
        Assert.Equal(SettleResult.Response, Settle(desk, id, Asked, Somebody, out EndedQuery<NumberedQuery> ended));
        Assert.Equal(7, ended.Query.Number);
    }

    [Fact]
    public void ARefusedQuery_TakesNoSlot()
    {
        QueryDesk<NumberedQuery> desk = Create(perSecond: 1);
        Assert.Equal(OpenResult.Forbidden, TryOpen(desk, Endpoint.Parse("10.0.0.1:6881"), 0));
        Ask(desk, Somebody, 0, Instant.Zero);
        Assert.Equal(OpenResult.Throttled, TryOpen(desk, Somebody, 1));
        Assert.Equal(1, desk.Count);
        Assert.Equal(1, _outbox.Count);
    }

    [Fact]
    public void AFullOutbox_IsBusy_AndCostsTheAddressNothing()
    {
        QueryDesk<NumberedQuery> desk = Create(perSecond: 1);
        while (_outbox.TryReserve(Somebody, out _) == StageResult.Ready)
        {
            _outbox.Commit(1);
        }

        Assert.Equal(OpenResult.Busy, TryOpen(desk, Somebody, 0));
        _outbox.Clear();
        Assert.Equal(OpenResult.Opened, TryOpen(desk, Somebody, 0));
    }

    [Fact]
    public void OnlyWhoWasAsked_EndsAQuery_AndOnce()
    {
        QueryDesk<NumberedQuery> desk = Create();
        ulong id = Ask(desk, Somebody, 7, new Instant(5));
        Assert.Equal(SettleResult.WrongSource, Settle(desk, id, Asked, Somebody.WithPort(1), out _));
        Assert.Equal(SettleResult.WrongSender, Settle(desk, id, NodeId.Parse(new string('7', 40)), Somebody, out _));
        Assert.Equal(SettleResult.Unknown, Settle(desk, id ^ 0x8000_0000, Asked, Somebody, out _));
        Assert.Equal(1, desk.Count);
        Assert.Equal(SettleResult.Response, Settle(desk, id, Asked, Somebody, out EndedQuery<NumberedQuery> ended));
        Assert.Equal(new NumberedQuery(7, Asked), ended.Query);
        Assert.Equal((Somebody, new Instant(5), false), (ended.Destination, ended.SentAt, ended.IsLate));
        Assert.Equal(SettleResult.Unknown, Settle(desk, id, Asked, Somebody, out _));
        Assert.Equal(0, desk.Count);
    }

    [Fact]
    public void OurOwnId_EndsNoQuery_EvenWhereItIsExpected()
    {
        QueryDesk<NumberedQuery> desk = Create();
        var query = new NumberedQuery(0, Self);
        Assert.Equal(OpenResult.Opened, desk.TryOpen(Somebody, Instant.Zero, query, out OpenedQuery opened));
        Assert.Equal(SettleResult.WrongSender, Settle(desk, opened.Id, Self, Somebody, out _));
        Assert.Equal(1, desk.Count);
    }

    [Fact]
    public void AnError_EndsAQuery_WhoeverSentIt()
    {
        QueryDesk<NumberedQuery> desk = Create();
        ulong id = Ask(desk, Somebody, 7, Instant.Zero);
        byte[] datagram = Wire.Bytes($"d1:eli201e1:ee1:t8:{Text(id)}1:y1:ee");
        Assert.Equal(KrpcFault.None, KrpcParser.Parse(datagram, out KrpcMessage message));
        Assert.Equal(SettleResult.WrongSource, desk.Settle(message, Somebody.WithPort(1), Self, out _));
        Assert.Equal(SettleResult.Error, desk.Settle(message, Somebody, Self, out EndedQuery<NumberedQuery> ended));
        Assert.Equal(7, ended.Query.Number);
        Assert.Equal(0, desk.Count);
    }

    [Fact]
    public void TheUnanswered_AreLateOnce_ThenExpire_OldestFirst()
    {
        QueryDesk<NumberedQuery> desk = Create();
        Assert.Equal(Instant.Never, desk.NextDeadline(Short, Long));
        var second = new Instant(10);
        Ask(desk, Somebody, 1, Instant.Zero);
        Ask(desk, Somebody.WithPort(2), 2, second);
        Assert.Equal(Instant.Zero + Short, desk.NextDeadline(Short, Long));

        Assert.True(desk.TryTakeLate(Instant.Zero, out NumberedQuery late, out Endpoint destination));
        Assert.Equal((1, Somebody), (late.Number, destination));
        Assert.False(desk.TryTakeLate(Instant.Zero, out _, out _));
        Assert.Equal((2, 1), (desk.Count, desk.OpenCount));
        Assert.Equal(second + Short, desk.NextDeadline(Short, Long));

        Assert.True(desk.TryTakeLate(second, out late, out destination));
        Assert.Equal((2, Somebody.WithPort(2)), (late.Number, destination));
        Assert.Equal(Instant.Zero + Long, desk.NextDeadline(Short, Long));

        Assert.True(desk.TryTakeExpired(Instant.Zero, out EndedQuery<NumberedQuery> ended));
        Assert.Equal(new NumberedQuery(1, Asked), ended.Query);
        Assert.Equal((Somebody, Instant.Zero, true), (ended.Destination, ended.SentAt, ended.IsLate));
        Assert.False(desk.TryTakeExpired(Instant.Zero, out ended));
        Assert.Equal(default, ended);
        Assert.Equal(second + Long, desk.NextDeadline(Short, Long));
        Assert.Equal(1, desk.Count);
    }

    [Fact]
    public void AQueryThatTheSystemRefused_IsTakenBack_AndItsSlotIsFree()
    {
        QueryDesk<NumberedQuery> desk = Create();
        var owner = new RefusalRecorder();
        Ask(desk, Somebody, 1, new Instant(5), owner);
        Ask(desk, Somebody.WithPort(2), 2, new Instant(6), owner);
        _outbox.Refuse(1);
        Assert.Empty(owner.Tickets);
        _outbox.Clear();
        _outbox.ReportRefused(Instant.Zero);
        long ticket = Assert.Single(owner.Tickets);

        Assert.True(desk.TryWithdraw(ticket, out EndedQuery<NumberedQuery> ended));
        Assert.Equal((2, Somebody.WithPort(2)), (ended.Query.Number, ended.Destination));
        Assert.Equal(1, desk.Count);
        Assert.False(desk.TryWithdraw(ticket, out _));
        desk.CheckInvariants();

        _outbox.ReportRefused(Instant.Zero);
        Assert.Single(owner.Tickets);
    }

    [Fact]
    public void ATicketFromAnEarlierUseOfASlot_TakesNothingBack()
    {
        QueryDesk<NumberedQuery> desk = Create();
        ulong first = Ask(desk, Somebody, 1, Instant.Zero);
        Assert.Equal(SettleResult.Response, Settle(desk, first, Asked, Somebody, out _));
        for (int i = 0; i < Capacity; i++)
        {
            Ask(desk, Somebody.WithPort((ushort)(10 + i)), 2, Instant.Zero);
        }

        Assert.False(desk.TryWithdraw((long)first, out _));
        Assert.Equal(Capacity, desk.Count);
    }

    private QueryDesk<NumberedQuery> Create(double perSecond = 0) => new(
        _outbox, new AddressThrottle(perSecond, 1, 64, new EndpointHasher(1, 2)), Capacity, new SeededRandomSource(1));

    private static OpenResult TryOpen(QueryDesk<NumberedQuery> desk, Endpoint destination, int number) =>
        desk.TryOpen(destination, Instant.Zero, new NumberedQuery(number, Asked), out _);

    private static ulong Ask(
        QueryDesk<NumberedQuery> desk, Endpoint destination, int number, Instant now, ISendOwner? owner = null)
    {
        OpenResult result = desk.TryOpen(destination, now, new NumberedQuery(number, Asked), out OpenedQuery opened);
        Assert.Equal(OpenResult.Opened, result);
        opened.Place[0] = (byte)number;
        desk.Send(1, opened, owner);
        return opened.Id;
    }

    private static SettleResult Settle(
        QueryDesk<NumberedQuery> desk, ulong id, NodeId sender, Endpoint source, out EndedQuery<NumberedQuery> ended)
    {
        Span<byte> senderBytes = stackalloc byte[NodeId.Size];
        sender.CopyTo(senderBytes);
        byte[] datagram = Wire.Bytes($"d1:rd2:id20:{Wire.Text(senderBytes)}e1:t8:{Text(id)}1:y1:re");
        Assert.Equal(KrpcFault.None, KrpcParser.Parse(datagram, out KrpcMessage message));
        return desk.Settle(message, source, Self, out ended);
    }

    private static string Text(ulong id)
    {
        Span<byte> bytes = stackalloc byte[TransactionId.Size];
        TransactionId.Write(bytes, id);
        return Wire.Text(bytes);
    }
}
