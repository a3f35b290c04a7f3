namespace Dht.Engine.Bench.Load.Sections;

/// <summary>
/// A table for people: the first column to the left, the others to the right, as wide as they need to be.
/// </summary>
internal sealed class TextTable(params string[] head)
{
    private readonly List<string[]> _rows = [head];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Print(string title)
    {
        int[] widths = [.. head.Select((_, column) => _rows.Max(row => row[column].Length))];
        Console.Out.WriteLine();
        Console.Out.WriteLine(title);
        Console.Out.WriteLine();
        for (int i = 0; i < _rows.Count; i++)
        {
            IEnumerable<string> cells = _rows[i]
                .Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]));
            Console.Out.WriteLine($"| {string.Join(" | ", cells)} |");
            if (i == 0)
            {
                IEnumerable<string> lines = widths
                    .Select((width, column) => new string('-', width + 1) + (column == 0 ? '-' : ':'));
                Console.Out.WriteLine($"|{string.Join('|', lines)}|");
            }
        }
    }
}
