using Dht.Engine.Node;

namespace Dht.Engine.Tests.Samples;

/// <summary>Tasks: added, re-timed, removed.</summary>
internal static class TaskSample
{
    public static NodeTask Add(NodeTasks tasks, TextWriter output)
    {
        // sample: tasks
        NodeTask task = tasks.Add(
            "contact-count", TimeSpan.FromMinutes(1), (node, now) => output.WriteLine($"{node.ContactCount} contacts"));
        task.Interval = TimeSpan.FromSeconds(10);
        tasks.Find(NodeTasks.BucketRefresh)!.Interval = TimeSpan.FromSeconds(30);
        tasks.Find(NodeTasks.NeighbourSearch)!.Interval = TimeSpan.MaxValue;
        // end
        return task;
    }

    public static void Remove(NodeTask task)
    {
        // sample: remove a task
        task.Remove();
        // end
    }
}
