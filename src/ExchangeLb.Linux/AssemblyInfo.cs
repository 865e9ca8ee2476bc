using System.Runtime.CompilerServices;

// Every import is blittable: calls go straight to libc.
[assembly: DisableRuntimeMarshalling]
