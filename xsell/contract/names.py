"""The names a user can type. A test holds them against the registries."""

MODELS = ("hybrid", "cross", "ease", "als", "svd", "knn", "rules", "content", "popular", "ratings")
METRICS = (
    *("precision", "recall", "recall_capped", "ndcg", "map", "mrr", "hit"),
    *("xprecision", "xrecall", "xndcg", "cathit", "catrecall", "xshare"),
    *("category_entropy", "category_diversity", "content_diversity", "coverage", "gini", "pair_concentration"),
)
GUARDS = ("top_item_share", "fallback_share")
TRAITS = ("novelty", "popularity_lift", "calibration", "xlift")
ERRORS = ("rmse", "mae", "saved")
SHIPPED = ("contacted_hit", "contacted_precision", "uplift")
SPLITS = ("temporal", "rolling", "new-category", "random", "leave-last", "by-user")
SCOPES = ("new", "dormant", "same", "any")
QUESTIONS = ("users", "items", "audience")
STRATEGIES = ("auto", "personal", "popular", "trending")
STAGES = ("clean", "features", "train", "recommend", "evaluate")
