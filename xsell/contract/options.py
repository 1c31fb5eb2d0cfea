"""
Every option of every command, once: the command line, the configuration file, the manifest and the README read them here.

A group is a frozen dataclass; a command takes the groups that `COMMANDS` names.
"""

from dataclasses import dataclass, field

from xsell.contract.flags import flag
from xsell.contract.names import MODELS, QUESTIONS, SCOPES, STRATEGIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Options of every command."""

    workdir: str = flag("xsell-work", "Directory where the stages keep their files", "-w", metavar="DIR", env="XSELL_WORKDIR")
    seed: int = flag(0, "Seed of everything random", minimum=0)
    threads: int = flag(0, "Processor threads to use; 0 means all", minimum=0)
    memory: str = flag("", "Most memory for regressions and for making lists, such as 4GB; default: half of what is free", metavar="SIZE")
    json: bool = flag(False, "Print one JSON object about the run on stdout")
    quiet: bool = flag(False, "Print results and errors only", "-q")
    verbose: bool = flag(False, "Say more about what happens", "-v")
    log_file: str = flag("", "Also append what is said to this file", metavar="FILE", written=True)
    log_format: str = flag("text", "Form of the log file", choices=("text", "json"))
    no_color: bool = flag(False, "Print without colour")
    dry_run: bool = flag(False, "Say which stages would run and write nothing")
    lock_timeout: float = flag(10.0, "Seconds to wait for another run in the same directory", minimum=0)
    force: bool = flag(False, "Replace what was made from other input")
    config: str = flag("", "Options file in TOML; default: xsell.toml in the current directory, if there", metavar="FILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """How raw files become clean tables."""

    events: tuple[str, ...] = flag(
        (), "Purchases, ratings or events: CSV, TSV, JSON Lines or Parquet, also .gz; - is standard input", argument=True, metavar="FILE..."
    )
    items: str = flag("", "Catalogue of the products", metavar="FILE")
    users: str = flag("", "Table of the customers", metavar="FILE")
    searches: str = flag("", "Search log: user, query, time", metavar="FILE")
    map: tuple[str, ...] = flag(
        (),
        "Name a column yourself, such as user_id=CustomerID, or the levels of a path, such as category=department+aisle; several with commas or by repeating",
        metavar="FIELD=COLUMN",
    )
    outliers: str = flag("clip", "What to do with ratings outside the scale", choices=("clip", "drop", "keep"))
    rating_scale: str = flag("", "Ends of the rating scale, such as 1,5; default: inferred", metavar="LOW,HIGH")
    scale: str = flag("minmax", "How ratings are normalised", choices=("minmax", "zscore", "none"))
    drop_items: tuple[str, ...] = flag(
        (),
        "Item ids that are no products, with * and ?, such as POST,BANK*; several with commas or by repeating; @FILE, the last of them, names one a "
        "line; none keeps even postage, fees and coupons, which are left out by themselves where there are prices",
        metavar="PATTERN,@FILE",
    )
    dates: str = flag("auto", "How to read dates such as 03/04/2026", choices=("auto", "day-first", "month-first"))
    time_zone: str = flag("UTC", "Time zone of times that name none", metavar="ZONE")
    max_rejected: float | None = flag(
        None, "Fail (exit 4) when more than this share of the rows is rejected", metavar="SHARE", minimum=0, maximum=1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """How clean tables become features."""

    idf: str = flag("classic", "Weight of a term: classic is ln(N/df), smooth is ln((1+N)/(1+df))+1", choices=("classic", "smooth"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How models are fitted, wherever that happens."""

    scope: str = flag(
        "auto",
        "What may be offered: new is only categories the customer has not bought from, dormant those not bought from lately, same those bought from, "
        "any is every product not owned; auto is new where categories are known",
        choices=("auto", *SCOPES),
    )
    category_level: int | None = flag(
        None, "How many levels of a category path A > B > C tell categories apart; default: the whole path", metavar="NUMBER", minimum=1
    )
    category_match: str = flag(
        "primary",
        "Of a product with several categories, which count as bought from and must be open: primary is the first, any is each of them",
        choices=("primary", "any"),
    )
    owned_by: tuple[str, ...] = flag(
        (),
        "Events that make a customer own a product, such as purchase,rating; default: purchases and ratings, else the strongest event there is",
        metavar="EVENTS",
    )
    owned_since: str = flag(
        "180d", "Under scope dormant, how long a category must be untouched: 180d, 26w, 6m (months) or 1y", metavar="TIME"
    )
    like: float | None = flag(
        None, "Ratings from this one up (on the original scale) are likes; default: the middle of the scale", metavar="RATING"
    )
    regularization: float | None = flag(
        None,
        "Strength of the penalty in cross and ease; default: chosen on a validation cut",
        "--lambda",
        "--regularization",
        metavar="NUMBER",
        minimum=0,
        maximum=1_000_000_000_000,
    )
    rho: float | None = flag(
        None,
        "Row scaling in cross and ease: a history of d products weighs d^-rho; default: chosen on a validation cut",
        metavar="NUMBER",
        minimum=0,
        maximum=10,
    )
    factors: int | None = flag(
        None, "Number of factors in svd, als and ratings; default: chosen on a validation cut", metavar="NUMBER", minimum=1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """What to train."""

    model: str = flag("hybrid", "Model to train", choices=MODELS)
    split: str = flag(
        "auto",
        "How to hold out what the choices are made on, see evaluate; auto is temporal where there are times, else new-category under scope new, else random",
        metavar="NAME[:HOW]",
    )
    tune: bool = flag(
        False, "Look longer for better settings, and take one only if it is better on customers that the search never looked at"
    )
    budget: str = flag("", "How long --tune may try settings, such as 90s, 5m or 1h; default: 60s", metavar="TIME")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommend:
    """What to recommend to whom."""

    question: str = flag(
        "users",
        "What to answer: users is lists for customers, items is what goes with each product and what replaces it, audience is whom to contact "
        "for the products of --item, --category or --only",
        "--for",
        choices=QUESTIONS,
    )
    user: str = flag("", "Show the list of one customer, with reasons", metavar="ID")
    item: tuple[str, ...] = flag(
        (),
        "The products that --for is about, or with --user where they stand for the customer; several with commas or by repeating",
        metavar="ID",
    )
    category: tuple[str, ...] = flag(
        (), "The categories that --for audience is about: paths, or levels of paths, with commas or by repeating", metavar="NAME"
    )
    max_per_user: int = flag(0, "Most contacts of one customer in an audience; 0 is no limit", metavar="NUMBER", minimum=0)
    holdout: float = flag(
        0.0, "Share of the customers that an audience marks as control group; always the same ones", metavar="SHARE", minimum=0, maximum=0.9
    )
    basket: str = flag(
        "",
        'What to offer with these products: ids with commas, or - for JSON Lines on standard input such as {"id": "b1", "basket": ["A", "B"]}',
        metavar="IDS",
    )
    only_users: str = flag("", "Only these customers: one id a line, or a table with a user column", metavar="FILE")
    n: int = flag(10, "Products per customer; pairs per product with --for items, customers with --for audience", "-n", minimum=1)
    scope: str = flag(
        "auto", "What may be offered: new, dormant, same or any; auto is what the model was trained for", choices=("auto", *SCOPES)
    )
    model: str = flag("hybrid", "Model to use", choices=MODELS)
    strategy: str = flag(
        "auto",
        "Personal lists by the model, or one for everybody: popular lately, or trending, more than before; auto is personal, then by profile, "
        "then popular",
        choices=STRATEGIES,
    )
    where: str = flag("", "Only products for which this holds, such as price <= 50 and user.age >= 18", metavar="RULE")
    exclude: str = flag(
        "", "Never these products: one id a line, or a table with an item column, and a user column for pairs", metavar="FILE"
    )
    only: str = flag("", "Only these products: one id a line, or a table with an item column", metavar="FILE")
    max_per_category: int = flag(0, "Most products of one category in a list; 0 is no limit", metavar="NUMBER", minimum=0)
    max_per_brand: int = flag(0, "Most products of one brand in a list; 0 is no limit", metavar="NUMBER", minimum=0)
    value: str = flag("", "Order by expected value: the probability times this column of the products, such as margin", metavar="COLUMN")
    diversity: float = flag(
        0.0, "Variety of the lists: 0 goes by the score alone, 1 by unlikeness alone after the first product", minimum=0, maximum=1
    )
    output: str = flag(
        "",
        "Also write the lists here; the suffix decides: .parquet, .csv or .jsonl; - is CSV on stdout",
        "-o",
        metavar="FILE",
        written=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """How to judge models."""

    model: str = flag("hybrid", "Models to judge, with commas: " + ", ".join(MODELS), metavar="NAMES")
    split: str = flag(
        "auto",
        "How to hold out: temporal (or temporal:0.9, temporal:2025-06-01), rolling:3 (or rolling:6x28d), new-category:0.3, random:0.2, leave-last:1 or "
        "by-user:0.2, with or without numbers; auto is temporal where there are times, else new-category where there are categories, else random",
        metavar="NAME[:HOW]",
    )
    test: str = flag("", "Judge on this held-out file instead of a split", metavar="FILE")
    recommendations: str = flag("", "Judge the lists in this file by what customers did after they got them, see --against", metavar="FILE")
    against: str = flag("", "Purchases or ratings from after the lists of --recommendations were delivered", metavar="FILE")
    k: tuple[int, ...] = flag(
        (10,),
        "Lengths of the lists, with commas: all are measured, and the first one leads; default: 10",
        "-k",
        metavar="NUMBERS",
        minimum=1,
        maximum=10_000,
    )
    diversity: float = flag(0.0, "Judge lists with this much variety, as recommend --diversity makes them", minimum=0, maximum=1)
    baseline: str = flag(
        "", "Compare with an earlier evaluation: its evaluation/NAME.json, best with the .parquet beside it", metavar="FILE"
    )
    fail_under: tuple[str, ...] = flag(
        (), "Fail (exit 4) when a metric of the first model is lower, such as precision@10=0.05", metavar="METRIC=VALUE"
    )
    fail_over: tuple[str, ...] = flag(
        (), "Fail (exit 4) when a metric of the first model is higher, such as top_item_share=0.5", metavar="METRIC=VALUE"
    )
    fail_worse_than: tuple[str, ...] = flag(
        (),
        "Fail (exit 4) unless the first model is shown to be no worse than these: baseline, popular or a model, with =0.002 by no more than that",
        metavar="NAMES",
    )
    report: str = flag(
        "", "Also write a page to read and pass on (.html); needs `pip install 'xsell[report]'`", metavar="FILE", written=True
    )
    show_ids: bool = flag(False, "Name the example customers of the page by their ids")

    @property
    def length(self) -> int:
        """Length of the lists that verdicts are about."""
        return self.k[0]

    @property
    def lengths(self) -> tuple[int, ...]:
        """All lengths, the one that leads first, each once."""
        return tuple(dict.fromkeys(self.k))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All groups; a command fills those it takes and leaves the others at their defaults."""

    common: Common = field(default_factory=Common)
    clean: Clean = field(default_factory=Clean)
    features: Features = field(default_factory=Features)
    fit: Fit = field(default_factory=Fit)
    train: Train = field(default_factory=Train)
    recommend: Recommend = field(default_factory=Recommend)
    evaluate: Evaluate = field(default_factory=Evaluate)


COMMANDS: dict[str, tuple[str, ...]] = {
    "clean": ("clean", "common"),
    "features": ("features", "common"),
    "train": ("clean", "features", "fit", "train", "common"),
    "recommend": ("recommend", "common"),
    "evaluate": ("clean", "features", "fit", "evaluate", "common"),
}
"""The groups of each command, in the order in which its help shows them."""
