"""Examples of the rules about accounts that stand together: of one hand, resellers, owners."""

from __future__ import annotations

from dataclasses import replace

from detector.facts import Interval
from detector.linked import LinkedRuns
from detector.related import Members, Metering, PossibleOwner, Reseller, Withdrawn
from tests.support.rule_examples import SMALL, Example
from tests.support.subjects import Override, case, customer, day, status, subject, training

CARD = "they pay with the same instrument (2 of 900 customers do; by chance 1 in 450000)"


def members(*expected: float) -> Members:
    return tuple((f"t-{n}", Interval(x / 2, x, 2 * x)) for n, x in enumerate(expected, start=1))


def accounts(*expected: float) -> LinkedRuns:
    """Give accounts that pay with one card."""
    return LinkedRuns(members(*expected), 0.97, (CARD,), is_sure=True)


def possible_owner() -> PossibleOwner:
    """Give a person who owns one tenant and may own another."""
    return PossibleOwner(
        owner_id="p-1",
        name="Ann Lee",
        members=members(6e25, 6e25),
        possible_tenant_ids=("t-2",),
        share_ratio_min=0.0,
        share_ratio_max=0.49,
        owner_ratio=0.25,
        called="Ann Lee (p-1)",
        stakes=("Two Inc (e-2): up to 49 %",),
        flips=("that Ann Lee (p-1) owns 25 % or more of Two Inc (e-2)",),
    )


def reseller(*expected: float, **changes: Override) -> Reseller:
    """Give a reseller whose attestation ended on 2 March; override by keyword."""
    customers = tuple(name for name, _ in members(*expected))
    sold = Reseller("r-1", customers, "expired", day(1), (), members(*expected))
    return replace(sold, **changes)


def withdrawn(training_left: float, hours_left: float = 3.5e7) -> Withdrawn:
    """Give what two voids and a smaller replacement left of a tenant that trained 1.2e26."""
    return Withdrawn(
        accelerator_hours=hours_left,
        operations=1.25e26 * hours_left / 7.0e7,
        training=training_left,
        sources=("billing",),
        original_sources=("meter",),
        correction_count=3,
        void_count=2,
        first_at=day(2),
        last_at=day(3),
    )


#: A United States person by its records, signed in to from abroad.
AT_HOME = subject(person_status=status("us"))
FRONT = customer(jurisdiction="US", use_locations=("US",), payment_country="US")

EXAMPLES = {
    "accounts-linked": Example(
        fires=case(accounts=accounts(7e25, 5e25)),
        severity="high",
        because=f"2 tenants look like one hand, with probability 97 % ({CARD}); together "
        "1.2 × 10²⁶ operations are expected, past the 10²⁶ of test-reports (proposed), which none "
        "passes alone; the person status is foreign.",
        silent=case(accounts=accounts(1.1e26, 1e25)),
    ),
    "owner-possible": Example(
        fires=case(subject(scope="owner"), possible_owner=possible_owner()),
        severity="medium",
        because="Ann Lee (p-1) may own t-2 (Two Inc (e-2): up to 49 %), and 25 % or control makes "
        "an owner. It would be sure if this came out: that Ann Lee (p-1) owns 25 % or more of Two "
        "Inc (e-2). With all that the person owns or may own, 2 tenants, 1.2 × 10²⁶ operations are "
        "expected (6 × 10²⁵ to 2.4 × 10²⁶), past the 10²⁶ of test-reports (proposed); the person "
        "status is foreign.",
        silent=case(subject(scope="owner", **SMALL), possible_owner=possible_owner()),
    ),
    "reseller-rollup": Example(
        fires=case(reseller=reseller(7e25, 5e25)),
        severity="medium",
        because="Through the reseller r-1, 2 customers trained 1.2 × 10²⁶ operations in all, past "
        "the 10²⁶ of test-reports (proposed), which none passes alone; the statute counts each "
        "customer. The person status is foreign.",
        silent=case(reseller=reseller(1.1e26, 1e25)),
    ),
    "reseller-unattested": Example(
        fires=case(reseller=reseller(1.2e26)),
        severity="medium",
        because="The attestation of the reseller r-1 is expired (ended: 2026-03-02T00:00:00Z), and "
        "training goes on through it: 1.2 × 10²⁶ operations expected of 1 customer, the last at "
        "2026-03-05T00:00:00Z; the person status is foreign.",
        silent=case(reseller=reseller(1.2e26, attestation="valid", expired_at=None)),
    ),
    "reseller-cycle": Example(
        fires=case(subject(**SMALL), reseller=reseller(cycle=("r-1", "r-2"))),
        severity="low",
        because="Each of these resellers names the next as its own reseller, in a ring: r-1, r-2; "
        "2 × 10²³ operations are expected of 0 customers behind it.",
        silent=case(subject(**SMALL), reseller=reseller(cycle=("r-0", "r-1"))),
    ),
    "counters-withheld": Example(
        fires=case(
            subject(silent_ratio=0.9, first_start=day(-6), **SMALL),
            metering=Metering(80_000.0, 0.75, 40),
        ),
        severity="medium",
        because="80,000 accelerators were held for 10 days; 90 % of the device time has no usable "
        "counters, and of that of other customers 75 % has. Held on for 180 days at full use it "
        "could reach 4.5 × 10²⁷ operations, past 10²⁶. Ask the customer for activity of the matrix "
        "units (tensor_active), power (power_w, energy_j) and traffic between nodes "
        "(fabric_bytes), read by the host or the board controller, and a declaration of the work.",
        silent=case(
            subject(silent_ratio=0.9, first_start=day(-6), **SMALL),
            metering=Metering(80_000.0, 0.25, 40),
        ),
    ),
    "usage-withdrawn": Example(
        fires=case(withdrawn=withdrawn(6e25)),
        severity="high",
        because="3 corrections, of which 2 voids, took 50 % of this work out: 70,000,000 "
        "accelerator-hours became 35,000,000, 1.25 × 10²⁶ operations expected became 6.25 × 10²⁵, "
        "and of training 1.2 × 10²⁶ became 6 × 10²⁵, past the 10²⁶ of test-reports (proposed) but "
        "for them. They came from billing, of events from meter, between 2026-03-03T00:00:00Z and "
        "2026-03-04T00:00:00Z. Most corrections mend a meter: ask what was wrong and who decided "
        "it; the person status is foreign.",
        silent=case(withdrawn=withdrawn(1.1e26, 6.9e7)),
    ),
    "places-at-odds": Example(
        fires=case(AT_HOME, customers=(replace(FRONT, payment_country="AE"),)),
        severity="medium",
        because="By its records this is a United States person, and yet it is paid for from AE and "
        "used mostly from SG; its training operations expected are 1.2 × 10²⁶. Ask who uses the "
        "computing and for whom, and who pays for it and why.",
        silent=case(AT_HOME, customers=(replace(FRONT, use_locations=("SG",)),)),
    ),
    "unfit-address": Example(
        fires=case(customers=(customer(address_type="Residential"),)),
        severity="medium",
        because="The address of the customer of t-1 is residential, and the training operations "
        "expected are 1.2 × 10²⁶; the person status is foreign. Ask where the business is done "
        "and who uses the computing.",
        silent=case(customers=(customer(address_type="business"),)),
    ),
    "minimal-presence": Example(
        fires=case(customers=(customer(public_presence="none"),)),
        severity="medium",
        because="The public presence of the customer of t-1 is none, and the training operations "
        "expected are 1.2 × 10²⁶; the person status is foreign. Ask for its business and who "
        "stands behind it.",
        silent=case(customers=(customer(public_presence="established"),)),
    ),
}

#: What makes an example more or less severe: accounts, subject, severity.
SEVERITIES = (
    (accounts(7e25, 5e25), subject(person_status=status("us")), "info"),
    (accounts(7e25, 5e25), subject(person_status=status("undetermined")), "medium"),
    (accounts(5e25, 4e25), subject(**training(4e25, 9e25, 2e26)), "medium"),
    (replace(accounts(7e25, 5e25), is_sure=False), subject(), "medium"),
)

#: What corrections left, of what was told first, and how severe it is; None: not told.
WITHDRAWALS = (
    (withdrawn(6e25), subject(person_status=status("us")), "info"),
    (withdrawn(6e25), subject(person_status=status("undetermined")), "medium"),
    (withdrawn(5e25), subject(**training(4e25, 9e25, 2e26)), "medium"),
    (withdrawn(8.9e25, 6.9e7), subject(**training(4e25, 9e25, 2e26)), None),
    (withdrawn(1e25), subject(**training(1e25, 3e25, 6e25)), "low"),
    (withdrawn(1e22), subject(**training(1e22, 3e22, 6e22)), "info"),
    (withdrawn(1e26 + 1e25), subject(), "low"),
)
