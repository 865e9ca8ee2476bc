using System;
using System.Reflection;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Process;
using ExchangeLb.Proxy;

namespace ExchangeLb.CommandLine;

/// <summary>-v and -vv: what a report about a fault should quote.</summary>
internal static class VersionText
{
    public static string Version { get; } = typeof(VersionText).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public static string Short => $"""
        ExchangeLb version {Version}
        Takes the configuration of HAProxy 2.6 (TCP mode).
        Running on: {RuntimeInformation.OSDescription}

        """;

    public static string Long => $"""
        {Short}
        Built with: {BuildDescription}
        Runtime   : {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} processors usable
        Threads   : {LoadBalancerOptions.DefaultThreads} loops unless nbthread says otherwise
        Descriptors: {DescriptorLimit.Read().Soft}, at most {DescriptorLimit.Read().Hard}

        Polling by epoll, forwarding by read/write and splice, listeners shared by SO_REUSEPORT.
        Kernel features: {KernelFeatures.Describe()}.

        """;

    private static string BuildDescription =>
        typeof(VersionText).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Version;
}
