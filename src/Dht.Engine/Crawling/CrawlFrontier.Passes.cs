using Dht.Engine.Addressing;

namespace Dht.Engine.Crawling;

/// <content>Those that are asked again.</content>
internal sealed partial class CrawlFrontier
{
    /// <summary>Begins a pass over those at a step, once all is used up.</summary>
    public void BeginPass(CrawlStep sought)
    {
        _sought = sought;
        _isScanning = true;
        foreach (FamilyFrontier family in _families)
        {
            family.BeginScan();
        }
    }

    /// <summary>Takes the next node that this pass is for; a silent one counts as retried.</summary>
    public bool TryTakeScanned(out int handle)
    {
        handle = 0;
        while (_isScanning)
        {
            _isScanning = TryScan(out handle);
            if (_isScanning && (_sought != CrawlStep.Silent || TryRetry(handle)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Notes that no node is left that can be asked.</summary>
    public void Exhaust()
    {
        IsExhausted = true;
        IsSwept |= NodesUnsendable * UnsendableShare <= NodesSeen;
    }

    /// <summary>
    /// Lets those that have never answered be asked once more, up to as many retries as can be counted.
    /// </summary>
    public void Revisit()
    {
        _silentRetries = Math.Min(_silentRetries + 1, CrawlState.RetriesMax);
        IsExhausted = false;
        foreach (FamilyFrontier family in _families)
        {
            KnownSet known = family.Known;
            for (int index = 0; index < known.Count; index++)
            {
                KnownNode node = known[index];
                CrawlState state = node.State;
                if (state is { Step: CrawlStep.Done, HasAnswered: false }
                    && state.Retries < _silentRetries && node.Asks > 0)
                {
                    Move(node, CrawlStep.Silent);
                }
            }
        }
    }

    /// <summary>Lets a node be asked once more that is done.</summary>
    public void Revisit(int handle)
    {
        KnownNode node = this[handle];
        if (node.State.Step == CrawlStep.Done && node.Asks < AsksCounted)
        {
            IsExhausted = false;
            Queue(handle);
        }
    }

    private bool TryScan(out int handle)
    {
        foreach (FamilyFrontier family in _families)
        {
            if (family.TryScan(_sought, out handle))
            {
                return true;
            }
        }

        handle = 0;
        return false;
    }

    private bool TryRetry(int handle)
    {
        KnownNode node = this[handle];
        Endpoint endpoint = node.Endpoint;
        if (!node.State.HasAnswered && !_sketch.HasRoom(endpoint))
        {
            // Perhaps not a crowd of silent nodes, but a victim whom liars name.
            Move(node, CrawlStep.Done);
            return false;
        }

        _sketch.Add(endpoint);
        node.State = node.State.WithRetry();
        return true;
    }
}
