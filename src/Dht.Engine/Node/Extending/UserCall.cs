namespace Dht.Engine.Node;

/// <summary>One call of code of the user, as <see cref="NodeFaults.Guard"/> makes it.</summary>
internal delegate void UserCall<in TTarget, T1, T2>(TTarget target, in T1 first, in T2 second)
    where T1 : allows ref struct;
