using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Text;
using ExchangeLb.Linux.Process;
using ExchangeLb.Messages;

namespace ExchangeLb.Daemon;

/// <summary>
/// -D and `daemon`. A managed process can't fork (only the calling thread would live on in the copy), so it starts itself again, detached,
/// and stays until the copy serves or has ended:
/// <list type="number">
/// <item>the parent has read the configuration and said all there is to say about it;</item>
/// <item>the child, in a session of its own, inherits directory, standard streams and one end of a pipe;</item>
/// <item>it binds, writes its pid file, and tells through the pipe that it is ready, or says why not and ends;</item>
/// <item>the parent ends with 0, or with the child's exit code.</item>
/// </list>
/// </summary>
internal static class DaemonParent
{
    /// <returns>The exit code of the parent.</returns>
    public static int Detach(StartMessages messages)
    {
        if (ReadinessPipe.Create() is not var (readEnd, writeEnd))
        {
            messages.Alert("Cannot create a pipe to start in the background.");
            return 1;
        }
        // /proc/self/cmdline and not Main's words: it also holds what came before them (a path of our own, or `dotnet exchangelb.dll`).
        string[] words = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).TrimEnd('\0').Split('\0');
        int error = Spawn.InOwnSession(Environment.ProcessPath!, words, ChildEnvironment(writeEnd), writeEnd, out int pid);
        ReadinessPipe.Close(writeEnd);
        if (error != 0)
        {
            ReadinessPipe.Close(readEnd);
            messages.Alert($"Cannot start in the background: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}");
            return 1;
        }
        bool ready = ReadinessPipe.WaitReady(readEnd);
        ReadinessPipe.Close(readEnd);
        if (ready)
        {
            return 0;
        }
        int exit = Spawn.WaitExit(pid);
        return exit == 0 ? 1 : exit; // it may have been stopped before it served: that is no success
    }

    private static List<string> ChildEnvironment(int writeEnd)
    {
        List<string> environment = [DaemonChild.VariableFor(writeEnd)];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            environment.Add($"{variable.Key}={variable.Value}");
        }
        return environment;
    }
}
