using System.Collections.Immutable;
using System.Net;

namespace ExchangeLb.Core.Model;

/// <summary>
/// A condition of ACLs (configuration.txt, 7.2): a disjunction of conjunctions of possibly negated tests.
/// `unless` is written as <see cref="Negated"/>.
/// </summary>
public sealed record ConditionModel(bool Negated, ImmutableArray<ImmutableArray<ConditionTermModel>> AnyOf);

/// <summary>One test of a conjunction. Several ACL lines of one name are one term with several tests, any of which may hold.</summary>
public sealed record ConditionTermModel(bool Negated, ImmutableArray<AclTestModel> AnyTest);

/// <summary>One `acl` line's test; see the derived records for what can be tested before data has come.</summary>
public abstract record AclTestModel;

/// <summary>`src` or `dst` with networks.</summary>
public sealed record AddressTestModel(ConnectionSide Side, ImmutableArray<IPNetwork> Networks) : AclTestModel;

/// <summary>`src_port` or `dst_port` with ranges, ends included.</summary>
public sealed record PortTestModel(ConnectionSide Side, ImmutableArray<(int Low, int High)> Ranges) : AclTestModel;

/// <summary>`nbsrv(backend)` with ranges, ends included.</summary>
public sealed record UsableServersTestModel(string Backend, ImmutableArray<(int Low, int High)> Ranges) : AclTestModel;

/// <summary>`always_true` / `always_false` and the built-in TRUE / FALSE.</summary>
public sealed record ConstantTestModel(bool Value) : AclTestModel;

/// <summary>Which end of the client's connection a test looks at.</summary>
public enum ConnectionSide
{
    Source,
    Destination,
}
