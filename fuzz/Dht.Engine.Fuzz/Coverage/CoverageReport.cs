using System.Globalization;
using System.Text;

namespace Dht.Engine.Fuzz.Coverage;

/// <summary>What a run did not reach.</summary>
internal static class CoverageReport
{
    /// <summary>The methods that were never entered, one a line.</summary>
    public static string Make(CoverageMap coverage)
    {
        StringBuilder text = new();
        int methods = 0;
        int missed = 0;
        for (int edge = 0; edge < coverage.EdgeCount; edge++)
        {
            string method = coverage.Names.Methods[edge];
            if (edge > 0 && coverage.Names.Methods[edge - 1] == method)
            {
                continue;
            }

            // The first counter of a method is at its start.
            methods++;
            if (!coverage.IsSeen(edge))
            {
                missed++;
                text.Append("  ").AppendLine(method);
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture, $"{missed} of {methods} methods were never entered:\n{text}");
    }
}
