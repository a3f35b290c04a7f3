namespace Dht.Engine.Node;

/// <summary>To whom an answer that may be given is charged.</summary>
/// <param name="NetworkHash">What the network of the asker is charged by, when <paramref name="OfNetwork"/>.</param>
/// <param name="OfNetwork">Whether its network has an allowance to spend.</param>
/// <param name="OfAll">Whether it is of the budget of all answers.</param>
internal readonly record struct AnswerCharge(ulong NetworkHash, bool OfNetwork, bool OfAll);
