using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Dht.Engine.Fuzz.Instrumentation;

/// <summary>
/// Puts counters into one method: at its start, and on each way out of each branch. From these all other edges
/// follow.
/// </summary>
/// <remarks>
/// <code>
///   brtrue T      brtrue N          way taken, T reached from here only:  the counter goes before T
///   F:            count f           way taken, T reached from elsewhere:  the branch goes to a new block at the end
///   ...           F: ...            way not taken:                        the counter goes right after the branch
///   T:            T: ...
///                 N: count t; br T
/// </code>
/// No branch may leave a protected region, so within one the way to a T that is reached from elsewhere has no counter
/// of its own.
/// </remarks>
internal sealed class MethodInstrumenter
{
    private readonly MethodBody _body;
    private readonly ILProcessor _il;
    private readonly FieldReference _first;
    private readonly int _start;
    private readonly Dictionary<Instruction, int> _waysIn = [];
    private int _next;

    /// <summary>Prepares a method whose counters are numbered from <paramref name="start"/>.</summary>
    public MethodInstrumenter(MethodDefinition method, FieldReference first, int start)
    {
        _body = method.Body;
        _il = _body.GetILProcessor();
        _first = first;
        _start = start;
        _next = start;
    }

    /// <summary>Does it, and returns the number of counters.</summary>
    public int Instrument()
    {
        _body.SimplifyMacros();
        Instruction[] original = [.. _body.Instructions];
        CountWaysIn(original);
        InsertBefore(original[0]);
        foreach (Instruction branch in original.Where(static i => i.OpCode.FlowControl == FlowControl.Cond_Branch))
        {
            bool isProtected = IsProtected(branch);
            foreach (Instruction target in TargetsOf(branch).Distinct().ToArray())
            {
                CountTaken(branch, target, isProtected);
            }

            InsertBefore(original[Array.IndexOf(original, branch) + 1]);
        }

        _body.OptimizeMacros();
        return _next - _start;
    }

    private void CountWaysIn(Instruction[] instructions)
    {
        foreach (Instruction instruction in instructions)
        {
            bool fallsThrough = instruction.OpCode.FlowControl
                is not (FlowControl.Branch or FlowControl.Return or FlowControl.Throw);
            if (fallsThrough && instruction.Next is { } next)
            {
                AddWayIn(next);
            }

            foreach (Instruction target in TargetsOf(instruction).Distinct())
            {
                AddWayIn(target);
            }
        }

        foreach (ExceptionHandler handler in _body.ExceptionHandlers)
        {
            AddWayIn(handler.HandlerStart);
            AddWayIn(handler.TryStart);
        }
    }

    private void AddWayIn(Instruction to) => _waysIn[to] = _waysIn.GetValueOrDefault(to) + 1;

    private void CountTaken(Instruction branch, Instruction target, bool isProtected)
    {
        if (_waysIn[target] == 1)
        {
            Instruction hit = InsertBefore(target);
            Redirect(branch, target, hit);
            foreach (ExceptionHandler handler in _body.ExceptionHandlers)
            {
                handler.TryEnd = handler.TryEnd == target ? hit : handler.TryEnd;
                handler.HandlerEnd = handler.HandlerEnd == target ? hit : handler.HandlerEnd;
            }
        }
        else if (!isProtected)
        {
            Redirect(branch, target, AppendTrampoline(target));
        }
    }

    private Instruction AppendTrampoline(Instruction target)
    {
        Instruction[] hit = Hit();
        foreach (Instruction instruction in hit)
        {
            _il.Append(instruction);
        }

        _il.Append(_il.Create(OpCodes.Br, target));
        foreach (ExceptionHandler handler in _body.ExceptionHandlers)
        {
            // A region that lasts to the end of the method ends here now.
            handler.TryEnd ??= hit[0];
            handler.HandlerEnd ??= hit[0];
        }

        return hit[0];
    }

    private Instruction InsertBefore(Instruction place)
    {
        Instruction[] hit = Hit();
        foreach (Instruction instruction in hit)
        {
            _il.InsertBefore(place, instruction);
        }

        return hit[0];
    }

    private Instruction[] Hit() =>
    [
        _il.Create(OpCodes.Ldsfld, _first), _il.Create(OpCodes.Ldc_I4, _next++), _il.Create(OpCodes.Add),
        _il.Create(OpCodes.Dup),
        _il.Create(OpCodes.Ldind_U1), _il.Create(OpCodes.Ldc_I4, 1), _il.Create(OpCodes.Add),
        _il.Create(OpCodes.Conv_U1),
        _il.Create(OpCodes.Stind_I1),
    ];

    private bool IsProtected(Instruction instruction) => _body.ExceptionHandlers.Any(handler =>
        IsBetween(instruction, handler.TryStart, handler.TryEnd)
        || IsBetween(instruction, handler.FilterStart ?? handler.HandlerStart, handler.HandlerEnd));

    private static bool IsBetween(Instruction instruction, Instruction start, Instruction? end)
    {
        for (Instruction? at = start; at != null && at != end; at = at.Next)
        {
            if (at == instruction)
            {
                return true;
            }
        }

        return false;
    }

    private static void Redirect(Instruction branch, Instruction from, Instruction to)
    {
        if (branch.Operand is Instruction[] targets)
        {
            branch.Operand = targets.Select(target => target == from ? to : target).ToArray();
        }
        else
        {
            branch.Operand = to;
        }
    }

    private static Instruction[] TargetsOf(Instruction instruction) => instruction.Operand switch
    {
        Instruction target => [target],
        Instruction[] targets => targets,
        _ => [],
    };
}
