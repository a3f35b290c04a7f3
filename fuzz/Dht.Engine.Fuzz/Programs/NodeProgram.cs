using Dht.Engine.Addressing;
using Dht.Engine.Fuzz.Targets;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>Runs programs on nodes: each on a node of its own, so that it always does the same.</summary>
internal sealed class NodeProgram : CommandProgram
{
    /// <summary>What commands can do.</summary>
    public const int Codes = 14;

    private const int AnsweredAtOnce = 16;

    private static readonly CustomMethod<Number, Number> Twice = new(Questions.CustomName);

    private readonly NodeWorld _world = new();
    private readonly List<LookupHandle> _lookups = [];

    private MainlineNode Node => _world.Node;

    /// <inheritdoc/>
    protected override void Begin(Command setting)
    {
        _lookups.Clear();
        _world.Begin(new NodeSetting(setting));
    }

    /// <inheritdoc/>
    protected override void Do(Command command)
    {
        switch (command.Code % Codes)
        {
            case 0:
                _world.Pass(TimeSpan.FromMilliseconds(command.Number & 0xFFF));
                _world.Tick();
                break;
            case 1:
                _world.Pass(TimeSpan.FromSeconds(command.Number & 0x7FF));
                break;
            case 2:
                _world.PassToDeadline();
                _world.Tick();
                break;
            case 3:
                _world.Reply(command.A, 1, command.B, command.C);
                break;
            case 4:
                _world.Reply(command.A & 15, AnsweredAtOnce, command.B, command.C);
                break;
            case 5:
                _world.Ask(command.A, command.B, command.C);
                break;
            case 6:
                _world.Deliver(
                    KrpcSeeds.Messages[command.B % KrpcSeeds.Messages.Count], Strangers.EndpointOf(command.A));
                break;
            case 7:
                _world.Spoil(command);
                break;
            case 8 or 9:
                Ask(command);
                break;
            case 10:
                StartLookup(command);
                break;
            case 11:
                CancelLookup(command);
                break;
            default:
                Configure(command);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void Finish() => _world.Finish();

    /// <inheritdoc/>
    protected override void CheckInvariants() => _world.CheckInvariants();

    private void Ask(Command command)
    {
        Addressing.Endpoint destination = Strangers.EndpointOf(command.A);
        int cookie = _world.Ends.Next;
        if (cookie < 0)
        {
            return;
        }

        NodeId target = Strangers.TargetOf(command.C, Node.IdOf(destination.Family));
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        target.CopyTo(bytes);
        _world.Ends.Begin();
        AskResult result = (command.B % 5) switch
        {
            0 => Node.Ping(destination, _world.Now, _world.Ends, cookie),
            1 => Node.FindNode(destination, target, (IpFamily)(command.B >> 6), _world.Now, _world.Ends, cookie),
            2 => Node.GetPeers(
                destination, new InfoHash(bytes), (IpFamily)(command.B >> 6), _world.Now, _world.Ends, cookie),
            3 => Node.AnnouncePeer(
                destination, new InfoHash(bytes), command.C, "token"u8, _world.Now, _world.Ends, cookie),
            _ => Node.Ask(destination, Twice, new Number(command.C), _world.Now, _world.Ends, cookie),
        };
        if (result != AskResult.Sent)
        {
            _world.Ends.Withdraw();
        }

        _world.TakeSent();
    }

    private void StartLookup(Command command)
    {
        int cookie = _world.Ends.Next;
        if (cookie < 0)
        {
            return;
        }

        _world.Ends.Begin();
        LookupRequest request = new()
        {
            Kind = (LookupKind)(command.A % 3),
            Target = Strangers.TargetOf(command.B, Node.Id),
            Port = command.C,
            Listener = _world.Ends,
            Cookie = cookie,
        };
        if (Node.TryStartLookup(request, _world.Now, out LookupHandle handle))
        {
            _lookups.Add(handle);
        }
        else
        {
            _world.Ends.Withdraw();
        }

        _world.TakeSent();
    }

    private void CancelLookup(Command command)
    {
        if (_lookups.Count > 0)
        {
            Node.CancelLookup(_lookups[command.A % _lookups.Count], _world.Now);
            _world.TakeSent();
        }
    }

    private void Configure(Command command)
    {
        switch (command.B % 6)
        {
            case 0:
                Node.AddRouter(Strangers.EndpointOf(command.A));
                break;
            case 1:
                Node.AddBootstrap(Strangers.EndpointOf(command.A));
                break;
            case 2:
                CompactNode saved = new(Strangers.IdOf(command.A, Node.Id), Strangers.EndpointOf(command.A));
                Node.AddSaved(new NodeState { Contacts = [saved] });
                break;
            case 3:
                NodeState state = Node.CaptureState(_world.Now);
                bool read = NodeStateCodec.TryDecode(
                    NodeStateCodec.Encode(state), out NodeState? again) == NodeStateError.None;
                FuzzFailureException.Require(
                    read && again!.Contacts.Count == state.Contacts.Count, "a state can be saved and read");
                break;
            case 4:
                Node.SetExternalAddress(Addressing.Endpoint.FromIPv4(0x09000001 + (uint)(command.C & 3), 1));
                break;
            default:
                if (command.C == 0xFF)
                {
                    _world.Close();
                }
                else if (command.C < 128)
                {
                    _world.ChangeHandlers(command.C);
                }

                break;
        }

        _world.TakeSent();
    }
}
