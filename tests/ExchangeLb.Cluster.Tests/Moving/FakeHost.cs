using System;
using System.Collections.Generic;
using System.Text;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Moving;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Tests.Moving;

/// <summary>Writes down what a mover has done, and passes on its messages when told to.</summary>
internal sealed class FakeHost : IMoveHost
{
    internal List<string> Done { get; } = [];
    internal Queue<byte[]> Sent { get; } = [];
    internal List<string> Adopted { get; } = [];
    internal Dictionary<ulong, string> Told { get; } = [];
    internal MoveOutcome? Outcome { get; private set; }
    internal bool Busy { get; set; }
    internal int Expected { get; private set; }

    /// <summary>Sessions of this move begin to run.</summary>
    internal ulong? Running { get; set; }
    internal int Unrun { get; set; }
    internal int RoomFor { get; set; } = int.MaxValue;
    internal MissedSessions Missed { get; private set; }

    /// <summary>What is wrong with each image; null: nothing.</summary>
    internal string? Damage { get; set; }

    public int BodyMaxBytes => 1024;

    public string? Lack { get; set; }

    public string NameOf(NodeId node) => $"lb{node}";

    public string? LackFor(int vip) => Lack;

    public bool Send(ReadOnlySpan<byte> body)
    {
        if (!Busy) { Sent.Enqueue(body.ToArray()); }
        return !Busy;
    }

    /// <summary>What goes on the connection; null: there is none.</summary>
    internal Queue<byte[]>? OnConnection { get; set; }

    /// <summary>Another one has taken the place of the connection before.</summary>
    internal int Connection { get; set; } = 1;

    /// <summary>What is not taken now.</summary>
    internal MoveMessageType? NoRoomFor { get; set; }

    public int ConnectionTo(NodeId node) => OnConnection is null ? 0 : Connection;

    public bool IsConnecting(NodeId node) => IsComing && OnConnection is null;

    internal bool IsComing { get; set; }

    public bool SendOnConnection(NodeId node, int connection, ReadOnlySpan<byte> body)
    {
        bool takes = !Busy && OnConnection is not null && connection == Connection && body[1] != (byte?)NoRoomFor;
        if (takes) { OnConnection!.Enqueue(body.ToArray()); }
        return takes;
    }

    public void Tell(int vip, ulong move) => Done.Add("tell");

    public void HoldNew(int vip, ulong move) => Done.Add("hold");

    public void Freeze(int vip, ulong move) => Done.Add("freeze");

    public void AskMayStay(int vip, ulong move) => Done.Add("may it stay");

    public void Moved(int vip, ulong move) => Done.Add("moved");

    public void Given(int vip) => Done.Add("given");

    public void Ran(int vip) => Done.Add("ran");

    public void NotMoved(int vip, ulong move, string reason) => Done.Add($"not moved: {reason}");

    public void Resume(int vip) => Done.Add("resume");

    public void Forget(int vip, bool given) => Done.Add("forget");

    public void Expect(int vip) => Expected++;

    public string? Adopt(int vip, ulong session, ReadOnlySpan<byte> image)
    {
        Told.Remove(session);
        if (Damage is not null) { return Damage; }
        if (Adopted.Count == RoomFor)
        {
            Missed = new(Missed.Count + 1, "no room");
            return null;
        }
        Adopted.Add(Encoding.UTF8.GetString(image));
        return null;
    }

    public void AdoptTold(int vip, ulong session, ReadOnlySpan<byte> image) => Told.Add(session, Encoding.UTF8.GetString(image));

    public string? Keep(int vip, ReadOnlySpan<ulong> sessions)
    {
        foreach (ulong session in sessions)
        {
            if (!Told.Remove(session, out string? image)) { return "it was not told"; }
            Adopted.Add(image);
        }
        return null;
    }

    public MissedSessions Settle(int vip)
    {
        Told.Clear();
        return Missed;
    }

    public int Run(int vip, ulong move)
    {
        Done.Add("run");
        Running = move;
        return Adopted.Count - Unrun;
    }

    public void Drop(int vip) => Done.Add("drop");

    public void Cut(int vip) => Done.Add("cut");

    public void Gave(MoveOutcome outcome) => Outcome = outcome;

    public void Took(int vip, NodeId from, int count, string? trouble) => Done.Add($"took {count}");
}
