using System;
using System.IO;
using ExchangeLb.Loopback.Tests.Balancers;

namespace ExchangeLb.Loopback.Tests;

/// <summary>The tests' own program, for what has to be tried in a process of its own: runs the configuration of a file until it is killed.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        if (arguments is not [string file])
        {
            Console.Error.WriteLine("run the tests with `dotnet test`; with the name of a haproxy.cfg this is a balancer");
            return 1;
        }
        using var balancer = Site.Run(File.ReadAllText(file), loops: 1);
        balancer.Completion.Wait();
        return 0;
    }
}
