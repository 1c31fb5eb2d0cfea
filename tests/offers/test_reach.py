"""Sharing out customers among targets, against exhaustive optima."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from xsell.offers.reach import Reach, assigned, bound, deep_enough, first, total

SHOPS = st.tuples(st.integers(1, 7), st.integers(1, 5), st.integers(1, 3), st.integers(1, 3), st.integers(0, 10_000), st.booleans())


def pairs(users: int, targets: int, seed: int, coarse: bool) -> Reach:
    """Customers and targets with random worth, some pairs forbidden; coarse worths have many ties."""
    dice = np.random.default_rng(seed)
    worth = dice.integers(0, 4, (users, targets)) / 4 if coarse else dice.random((users, targets)) - 0.3
    user, target = np.nonzero(dice.random((users, targets)) < 0.8)
    value = worth[user, target].astype(np.float32)
    return Reach(target.astype(np.int32), user.astype(np.int32), np.zeros(len(user), np.int32), value, value)


def naive(every: Reach, n: int, most: int) -> set[tuple[int, int]]:
    """The best pair first, one by one."""
    used: dict[tuple[str, int], int] = {}
    taken = set()
    for worth, user, target in sorted((-float(w), int(u), int(t)) for w, u, t in zip(every.worth, every.user, every.target, strict=True)):
        if used.get(("target", target), 0) < n and used.get(("user", user), 0) < most:
            taken.add((user, target))
            for key in (("target", target), ("user", user)):
                used[key] = used.get(key, 0) + 1
        assert worth <= 1
    return taken


def optimum(every: Reach, n: int, most: int) -> float:
    """Largest sum of worth above the least, by integer programming."""
    if not len(every):
        return 0.0
    rows = [every.target == target for target in np.unique(every.target)] + [every.user == user for user in np.unique(every.user)]
    most_of = [n] * len(np.unique(every.target)) + [most] * len(np.unique(every.user))
    worth = every.worth.astype(float) - min(float(every.worth.min()), 0.0)
    found = milp(
        -worth, constraints=LinearConstraint(np.array(rows, float), ub=most_of), bounds=Bounds(0, 1), integrality=np.ones(len(worth))
    )
    return -float(found.fun)


@given(shop=SHOPS)
def test_the_choice_is_greedy_and_the_bound_holds(shop: tuple[int, int, int, int, int, bool]) -> None:
    """Deferred acceptance takes the pairs that taking the best one by one would; no caps break; half of the optimum is reached, and the bound never lies below it."""
    users, targets, n, most, seed, coarse = shop
    every = pairs(users, targets, seed, coarse)
    chosen = assigned(every, n, most)
    assert {(int(u), int(t)) for u, t in zip(chosen.user, chosen.target, strict=True)} == naive(every, n, most)
    best, reached, limit = optimum(every, n, most), total(every, chosen), bound(every, chosen, n, most)
    assert best / 2 - 1e-6 <= reached <= best + 1e-5
    assert limit >= best - 1e-5


@given(shop=SHOPS)
def test_what_lies_deeper_cannot_matter(shop: tuple[int, int, int, int, int, bool]) -> None:
    """Neither the greedy choice nor the optimum changes when only so many customers of each target are kept."""
    users, targets, n, most, seed, coarse = shop
    every = pairs(users, targets, seed, coarse)
    deep, _ = first(every, deep_enough(n, targets, most))
    some, all_of_them = assigned(deep, n, most), assigned(every, n, most)
    assert np.array_equal(some.user, all_of_them.user)
    assert np.array_equal(some.target, all_of_them.target)
    if float(every.worth.min(initial=0)) >= 0:
        assert optimum(deep, n, most) == pytest.approx(optimum(every, n, most), abs=1e-5)


def test_the_bound_is_near_where_customers_differ() -> None:
    """For 400 customers, five targets and one contact each, the choice is proved to be within a few per cent of the best."""
    every = pairs(400, 5, 1, coarse=False)
    chosen = assigned(every, 60, 1)
    reached, limit = total(every, chosen), bound(every, chosen, 60, 1)
    assert reached <= optimum(every, 60, 1) <= limit + 1e-3
    assert limit - reached < 0.05 * limit


def test_without_a_limit_every_target_has_its_best() -> None:
    """Without a cap on contacts each target gets its own best, equals in the order of the customers."""
    every = pairs(9, 3, 4, coarse=True)
    chosen = assigned(every, 4, 0)
    for target in range(3):
        own = every.target == target
        order = np.lexsort((every.user[own], -every.worth[own]))[:4]
        assert chosen.user[chosen.target == target].tolist() == every.user[own][order].tolist()
