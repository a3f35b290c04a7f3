using System.Net.NetworkInformation;
using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Engine.Transport;

/// <summary>
/// The addresses of ours from which an answer would not leave by itself: all of a family that the machine has more
/// than one of. Loopback and link-local ones do not count: what comes there is answered from there anyway.
/// </summary>
/// <param name="read">Reads the addresses of the machine, with port 0.</param>
internal sealed class LocalAddresses(Func<IReadOnlyList<Endpoint>> read) : IDisposable
{
    /// <summary>Addresses at most; those beyond are answered from where the system likes.</summary>
    public const int Max = 32;

    private volatile bool _hasChanged = true;
    private Action? _wake;

    /// <summary>Whether they may differ from what was read last.</summary>
    public bool HasChanged => _hasChanged;

    /// <summary>Those of this machine that a socket bound to a wildcard address takes in.</summary>
    public static LocalAddresses OfMachine(Endpoint wildcard) => new(() => ReadMachine(wildcard));

    /// <summary>From now on notices changes, and calls this from any thread when there is one.</summary>
    public void Watch(Action wake)
    {
        _wake = wake;
        NetworkChange.NetworkAddressChanged += OnChange;
    }

    public IReadOnlyList<Endpoint> Read()
    {
        _hasChanged = false;
        try
        {
            return read();
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }

    public void Dispose() => NetworkChange.NetworkAddressChanged -= OnChange;

    /// <summary>Of these, the families that have more than one.</summary>
    internal static IReadOnlyList<Endpoint> Several(List<Endpoint> all)
    {
        int countIPv4 = all.Count(static address => address.IsIPv4);
        int countIPv6 = all.Count - countIPv4;
        return [.. all.Where(address => (address.IsIPv4 ? countIPv4 : countIPv6) > 1).Take(Max)];
    }

    private static IReadOnlyList<Endpoint> ReadMachine(Endpoint wildcard)
    {
        var all = new List<Endpoint>();
        foreach (NetworkInterface card in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (card.OperationalStatus is OperationalStatus.Down or OperationalStatus.NotPresent
                || card.NetworkInterfaceType == NetworkInterfaceType.Loopback)
            {
                continue;
            }

            foreach (UnicastIPAddressInformation information in card.GetIPProperties().UnicastAddresses)
            {
                System.Net.IPAddress address = information.Address;
                bool isIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
                if ((isIPv4 || wildcard.IsIPv6) && !address.IsIPv6LinkLocal)
                {
                    all.Add(Endpoint.FromAddress(address, 0));
                }
            }
        }

        return Several(all);
    }

    /// <summary>The addresses have changed, or may have.</summary>
    internal void NoteChange()
    {
        _hasChanged = true;
        _wake?.Invoke();
    }

    private void OnChange(object? sender, EventArgs e) => NoteChange();
}
