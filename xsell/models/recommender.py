"""What every model can do."""

from typing import Protocol, Self

from xsell.data.training import Floats, History, Ints, Training


class Recommender(Protocol):
    """
    A model: history goes in, scores come out.

    Constructors only store parameters; fitted attributes end in `_`. A fitted model holds no customers.
    """

    def fit(self, training: Training) -> Self:
        """Learn from everything known."""

    def score(self, history: History) -> Floats:
        """Scores of all items, float32 [customers × items]; higher is better."""

    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """
        How much owning an item adds to the score of another.

        Args:
            history: The customers.
            row: Row of the customer in `history`, int32 [m].
            owned: An item that this customer has, int32 [m].
            target: An item the customer could be offered, int32 [m].

        Returns:
            float32 [m]; zeros where the score does not come from products owned.
        """
