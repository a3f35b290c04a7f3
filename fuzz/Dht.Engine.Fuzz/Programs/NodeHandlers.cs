using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>
/// What users add to a node: handlers that decide now and then, ask back, throw, and take each other out; a method,
/// an observer and a task. One at a time, for one node.
/// </summary>
internal sealed class NodeHandlers
{
    private const string TaskName = "fuzz";
    private const int Places = 4;

    private static readonly CustomMethod<Number, Number> Twice = new(Questions.CustomName);
    private static readonly Exception Fault = new InvalidOperationException("a handler that throws");

    private readonly Registration?[] _registrations = new Registration?[Places];
    private NodeExtensions _extensions = new();
    private NodeWatcher _watcher = new();
    private NodeTask? _task;
    private long _faults;

    /// <summary>How often something of it threw since <see cref="Make"/>.</summary>
    public long Faults => _faults + _watcher.Faults;

    /// <summary>How often something was added or taken out since <see cref="Make"/>, which may allocate.</summary>
    public long Changes { get; private set; }

    /// <summary>New extensions with all of them but the task.</summary>
    public NodeExtensions Make()
    {
        _faults = 0;
        Changes = 0;
        _task = null;
        _watcher = new NodeWatcher();
        _extensions = new NodeExtensions();
        _extensions.Observers.Add(_watcher);
        for (int place = 0; place < Places; place++)
        {
            _registrations[place] = Add(place);
        }

        return _extensions;
    }

    /// <summary>What was reported to the observer is what the node has counted.</summary>
    public void Check(MainlineNode node) => _watcher.Check(node);

    /// <summary>Adds one of them, or takes it out if it is there.</summary>
    public void Change(int number)
    {
        Changes++;
        int place = number % (Places + 1);
        if (place == Places)
        {
            ChangeTask(TimeSpan.FromMilliseconds(1 << (number % 20)));
        }
        else if (_registrations[place] is { } registration)
        {
            _registrations[place] = null;
            registration.Dispose();
        }
        else
        {
            _registrations[place] = Add(place);
        }
    }

    private Registration Add(int place) => place switch
    {
        0 => _extensions.Methods.Answer(Twice, static number => new Number(2 * number.Value)),
        1 => _extensions.Handlers.Add("find_node", DecideByPort),
        2 => _extensions.Handlers.Add("get_peers", AskBack, priority: 1),
        _ => _extensions.Handlers.Add(RefuseBroken, priority: -1),
    };

    private void ChangeTask(TimeSpan interval)
    {
        if (_task == null)
        {
            _task = _extensions.Tasks.Add(TaskName, interval, Run);
        }
        else if (_task.Interval == interval)
        {
            _task.Remove();
            _task = null;
        }
        else
        {
            _extensions.Tasks.Find(TaskName)!.Interval = interval;
        }
    }

    private void Run(IMainlineNode node, Instant now)
    {
        FuzzFailureException.Require(_task != null, "a task that was taken out does not run");
        if (_task!.Interval < TimeSpan.FromMilliseconds(4))
        {
            // Its own end, in the midst of its run.
            Changes++;
            _task.Remove();
            _task = null;
            _faults++;
            throw Fault;
        }
    }

    private void DecideByPort(ref QueryContext context)
    {
        FuzzFailureException.Require(_registrations[1] != null, "a handler that was taken out is not asked");
        switch (context.Query.TransactionId.Length)
        {
            case 4:
                context.Veto();
                break;
            case 20:
                context.Reply(new Number(1));
                break;
            case 255:
                _faults++;
                throw Fault;
        }
    }

    private void AskBack(ref QueryContext context)
    {
        if (context.Query.TransactionId.Length == 4)
        {
            context.Node.Ping(context.Source, context.Now);
        }
        else if (context.Query.TransactionId.Length == 20)
        {
            Change(3);
        }
    }

    private void RefuseBroken(ref QueryContext context)
    {
        FuzzFailureException.Require(_registrations[3] != null, "a handler that was taken out is not asked");
        if (context.Query.BodyFault != Krpc.KrpcBodyFault.None)
        {
            context.Refuse(299, "broken"u8);
        }
    }
}
