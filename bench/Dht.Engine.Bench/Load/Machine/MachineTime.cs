using System.Globalization;

namespace Dht.Engine.Bench.Load.Machine;

/// <summary>The processor time that the whole machine has used.</summary>
internal static class MachineTime
{
    private const double TicksPerSecond = 100;

    /// <summary>
    /// Seconds of all cores together, those taken by other guests of a virtual machine included; 0 where it is not
    /// known.
    /// </summary>
    /// <remarks>
    /// The first line of /proc/stat, in hundredths of a second:
    /// <code>
    /// cpu  user nice system idle iowait irq softirq steal guest guest_nice
    /// </code>
    /// </remarks>
    public static double BusySeconds()
    {
        try
        {
            using var file = new StreamReader("/proc/stat");
            string[] words = (file.ReadLine() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words is not ["cpu", _, _, _, _, _, _, _, _, ..] ? 0
                : (Ticks(1) + Ticks(2) + Ticks(3) + Ticks(6) + Ticks(7) + Ticks(8)) / TicksPerSecond;

            double Ticks(int field) => double.Parse(words[field], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
