using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Nftables;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>How VIPs come and go while others run: by changes of the fence that touch neither their rules nor their leases.</summary>
public sealed partial class VipKernel
{
    /// <summary>
    /// Puts VIPs that come behind the fence, closed, and gets ready for the devices of a model. Those that run are not touched, and those that go stay until
    /// <see cref="Dismiss"/>. In case nothing comes of the reload: <see cref="Dismiss"/> for each.
    /// </summary>
    /// <param name="model">By places, of which this kernel's are the first.</param>
    /// <param name="admitted">Places of those that came.</param>
    /// <returns>Null, or why nft refused: nothing has changed then.</returns>
    public string? Admit(ClusterModel model, out IReadOnlyList<int> admitted)
    {
        admitted = [.. Enumerable.Range(0, model.Vips.Length).Where(place => !model.Vips[place].IsGone && (place >= _vips.All.Length || _vips[place].IsGone))];
        string[] devices = [.. model.PresentVips.Select(vip => vip.Device).Distinct(StringComparer.Ordinal).Where(device => _vips.Links.All(link => link.Device != device))];
        ImmutableArray<LinkFrames> links = [.. _vips.Links, .. devices.Select((device, index) => new LinkFrames(device, _events, FirstLinkKey + (ulong)(_vips.Links.Length + index)))];
        SetSenders(links, model.PresentVips);
        foreach (LinkFrames link in links.Skip(_vips.Links.Length)) { link.Update(_routes.FindLink(link.Device)); }
        VipTarget[] targets = [.. admitted.Select(place => new VipTarget(model.Vips[place]))];
        NftOutcome changed = _fence.Change(new FenceChange(targets, [], [.. links.Skip(_vips.Links.Length).Where(link => link.Link is not null).Select(link => link.Device)]));
        if (!changed.Ok)
        {
            foreach (LinkFrames link in links.Skip(_vips.Links.Length)) { link.Dispose(); }
            return $"nftables refused the fence: {changed.Text}";
        }
        _vips.Links = links;
        ImmutableArray<KernelVip>.Builder vips = _vips.All.ToBuilder();
        for (int i = 0; i < targets.Length; i++)
        {
            KernelVip state = new(targets[i], Features.Egress, _vips.LinkOf(targets[i].Device));
            if (admitted[i] < vips.Count) { vips[admitted[i]] = state; }
            else { vips.Add(state); }
        }
        _vips.All = vips.ToImmutable();
        return null;
    }

    /// <summary>What stays may have another device or prefix length: an owner's address is there before it goes from where it was.</summary>
    /// <returns>Places of VIPs that are elsewhere now, and want to be announced again if they are owned.</returns>
    public IReadOnlyList<int> Use(ClusterModel model)
    {
        _model = model;
        int[] moved = [.. Enumerable.Range(0, model.Vips.Length).Where(place => !model.Vips[place].IsGone && Differs(_vips[place].Target, model.Vips[place]))];
        foreach (int place in moved) { Move(_vips[place], new VipTarget(model.Vips[place])); }
        return moved;
    }

    /// <summary>Takes away all that is here of a VIP that was released: its address, then its part of the fence.</summary>
    /// <returns>False: the address has not been deleted yet, so the fence stays; ask again.</returns>
    public bool Dismiss(int vip)
    {
        KernelVip state = _vips[vip];
        if (state.IsGone) { return true; }
        EndHold(state);
        if (_addresses.MayBeThere(state.Target))
        {
            _addresses.Remove(state.Target);
            return false;
        }
        state.IsGone = true;
        SetSenders(_vips.Links, []);
        if (!_fence.Change(new FenceChange([], [state.Target], [])).Ok) { _fence.Want(); }   // made anew, it is without it
        return true;
    }

    /// <summary>Nothing of it is here.</summary>
    public bool IsGone(int vip) => _vips[vip].IsGone;

    private static bool Differs(VipTarget target, VipModel model) => target.Device != model.Device || target.PrefixLength != model.PrefixLength;

    /// <summary>Who speaks for a VIP of this kernel is heard for as long as any of it is here, whatever becomes of a reload.</summary>
    /// <param name="coming">VIPs that are about to come.</param>
    private void SetSenders(IEnumerable<LinkFrames> links, IEnumerable<VipModel> coming)
    {
        IPAddress[] senders =
        [
            .. _vips.Present.Select(vip => vip.Target.Address).Concat(coming.Select(vip => vip.Address)).Concat(_model.Nodes.SelectMany(node => node.Addresses)).Distinct(),
        ];
        foreach (LinkFrames link in links) { link.SetSenders(senders); }
    }

    private void Move(KernelVip state, VipTarget target)
    {
        VipTarget before = state.Target;
        (state.Target, state.Link) = (target, _vips.LinkOf(target.Device));
        EndHold(state);
        if (_addresses.Wants(before)) { _addresses.AddSoon(target); }
        _addresses.Remove(before);
    }
}
