"""The names a user can type. A test holds them against the registries."""

MODELS = ("hybrid", "cross", "ease", "als", "svd", "content", "popular")
METRICS = ("precision", "recall", "ndcg", "map", "mrr", "hit", "coverage")
GUARDS = ("top_item_share", "fallback_share")
SPLITS = ("temporal", "new-category", "random", "leave-last")
SCOPES = ("new", "any")
STAGES = ("clean", "features", "train", "recommend", "evaluate")
