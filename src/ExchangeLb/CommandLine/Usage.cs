namespace ExchangeLb.CommandLine;

internal static class Usage
{
    public const string Text = """
        Usage: exchangelb [-f <file|directory>]... [flags] [-- <file>...]
               exchangelb <verb> [options]        ask or tell a node that runs

        Configuration
          -f <file|directory>   read this file, or every *.cfg of this directory; may be repeated
          -- <file>...          read these files too
          -C <directory>        change to this directory first
          -L <name>             name of this node, ${HAPROXY_LOCALPEER} (default: the host name)
          -c                    only check the configuration: exit 0 when it can be run
          -dW                   take warnings for errors

        Cluster
          --cluster <file>      be a node of this cluster (cluster.cfg); with -c: check it too
          --node <name>         which one (default: the host's name, else the one with an address of this host)
          --state <directory>   where the node keeps what it writes (default /run/exchangelb)
          --units               units of systemd run Corosync and the guard: don't start them

        Running
          -D                    go to the background once everything is bound
          -db                   stay in the foreground whatever the file says
          -p <file>             write the process id into this file (-D, -W)
          -W, -Ws               as the master of itself; tells systemd when ready
          -sf <pid>...          tell old processes to finish, once this one serves
          -st <pid>...          tell old processes to stop, once this one serves

        Limits
          -n <number>           concurrent connections of the process, over global maxconn
          -N <number>           concurrent connections of a proxy without maxconn
          -m <MiB>              managed memory

        Messages
          -V                    more of them, whatever -q and the file say
          -q                    none
          -d                    debug mode: -db and -V
          -v, -vv               version; version and surroundings
          -de -dp -dr -dD -dG -dK[<class>] -dL -dM[<byte>] -dR -dS -dV   accepted

        Verbs (exchangelb <verb> --help)
          status                nodes, owners, links; would a failover work right now?
          switchover [<node>]   move VIPs to another node
          standby [<node>]      take a node out of the choice of owners
          unstandby [<node>]    put it back
          events                what happened last
          reload                read the configuration again
          cluster-setup         check this host, make the key, write what Corosync reads

        Signals: SIGTERM and SIGINT stop at once, SIGUSR1 when the last session has ended.

        """;
}
