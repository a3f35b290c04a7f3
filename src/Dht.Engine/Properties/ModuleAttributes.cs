using System.Runtime.CompilerServices;

// Stack buffers are written before they are read, always through spans cut to what was written; clearing them costs
// more than encoding a reply.
[module: SkipLocalsInit]
