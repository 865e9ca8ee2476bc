using System;
using System.Collections.Generic;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Listening;

/// <summary>Clients of one listening socket who were accepted and wait to be let in, before all that are in the kernel's queue. Owner: the loop's thread.</summary>
internal sealed class WaitingLine
{
    private readonly LinkedList<WaitingClient> _clients = [];

    public bool IsEmpty => _clients.Count == 0;

    public bool AnyFrozen
    {
        get
        {
            foreach (WaitingClient client in _clients)
            {
                if (client.Frozen)
                {
                    return true;
                }
            }
            return false;
        }
    }

    /// <summary>Who is let in next; null: nobody waits but those who are frozen.</summary>
    public WaitingClient? First
    {
        get
        {
            foreach (WaitingClient client in _clients)
            {
                if (!client.Frozen)
                {
                    return client;
                }
            }
            return null;
        }
    }

    public void Add(WaitingClient client, ProcessState process)
    {
        process.Waiting.Enter();
        _clients.AddLast(client);
    }

    /// <summary>He is let in: his socket is his session's.</summary>
    public void Remove(WaitingClient client, ProcessState process)
    {
        _clients.Remove(client);
        process.Waiting.Leave();
    }

    /// <summary>Closes his socket. One that is in repair says nothing.</summary>
    public void Drop(WaitingClient client, ProcessState process)
    {
        Remove(client, process);
        Relay.ReturnPending(ref client.Upload);
        Descriptor.Close(client.Fd);
    }

    /// <param name="frozen">Of those who are about to move, or of those who are not.</param>
    public void DropAll(ProcessState process, bool frozen)
    {
        foreach (WaitingClient client in Those(client => client.Frozen == frozen))
        {
            Drop(client, process);
        }
    }

    /// <summary>A copy, in line: they may be removed meanwhile.</summary>
    public List<WaitingClient> Those(Func<WaitingClient, bool> match, int atMost = int.MaxValue)
    {
        List<WaitingClient> found = [];
        foreach (WaitingClient client in _clients)
        {
            if (found.Count == atMost)
            {
                break;
            }
            if (match(client))
            {
                found.Add(client);
            }
        }
        return found;
    }
}
