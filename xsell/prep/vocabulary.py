"""The words people use for columns and events, in the order in which they are preferred."""

from xsell.data.schema import CART, PURCHASE, RATING, RETURN, VIEW

COLUMNS: dict[str, str] = {
    "user_id": """
        user_id user uid user_no user_key customer_id customer customer_no customer_number customer_key customer_code cust_id cust client_id client
        household_id household household_key member_id member visitor_id visitor shopper_id shopper buyer_id buyer account_id account
        learner_id learner student_id student reader_id reader subscriber_id subscriber reviewer_id reviewer consumer_id consumer patron_id
        person_id profile_id card_id loyalty_id username user_name email kunde kunden_id kundennummer kundennr cliente cliente_id id_cliente
        usuario utilisateur id_client 用户 用户id 用户编号 客户 客户id 会员 会员id 顾客
    """,
    "item_id": """
        item_id item item_no item_code item_number item_key stock_code product_id product product_no product_code product_number product_key prod_id
        asin parent_asin sku sku_id goods_id movie_id movie film_id film book_id book isbn isbn13 song_id song track_id track game_id game
        app_id show_id video_id video course_id course lesson_id lesson module_id article_id article article_no article_code article_number news_id
        story_id content_id post_id listing_id recipe_id recipe restaurant_id business_id place_id hotel_id offer_id artist_id artist
        ean upc gtin barcode plu artikel artikel_id artikelnummer artikelnr produkt produkt_id producto producto_id id_producto articulo produit
        id_produit 商品 商品id 商品编号 产品 产品id 物品 物品id 课程 课程id 文章 文章id
    """,
    "at": """
        timestamp datetime date_time event_timestamp event_time event_date event_at transaction_timestamp transaction_datetime transaction_date
        transaction_time invoice_date invoice_datetime order_timestamp order_datetime order_date order_time order_purchase_timestamp ordered_at
        purchase_timestamp purchase_date purchase_time purchased_at bought_at sale_date sold_at rating_timestamp rating_date rating_time rated_at
        unix_review_time review_timestamp review_date review_time reviewed_at enrolled_at enrolment_date enrollment_date enrol_date enroll_date
        enroll_time enrol_time enrolment_time enrollment_time completed_at read_at viewed_at view_time view_date clicked_at click_time visited_at
        visit_date visit_time searched_at search_time search_date query_time played_at watched_at borrowed_at loan_date created_at created
        creation_date date_created date time at ts t_dat tstamp unix_time unixtime epoch occurred_at datum zeit zeitpunkt bestelldatum fecha
        时间戳 时间 日期 下单时间 购买时间
    """,
    "order_id": """
        order_id order order_no order_number order_key invoice_no invoice_id invoice_number invoice basket_id basket transaction_id transaction
        transaction_no transaction_number receipt_id receipt receipt_no receipt_number bill_no bill_number bill_id ticket_no checkout_id session_id
        session visit_id bestellnummer rechnungsnummer pedido 订单 订单id 订单号 订单编号
    """,
    "event": """
        event event_type event_name behavior behaviour behavior_type behaviour_type action action_type activity activity_type interaction
        interaction_type user_action user_behavior 行为 行为类型 事件
    """,
    "rating": """
        rating ratings rating_value user_rating score stars star star_rating review_score review_rating overall grade preference bewertung
        puntuacion calificacion valoracion 评分 打分 得分
    """,
    "quantity": """
        quantity qty units units_sold quantity_ordered order_quantity item_quantity items_count pieces amount_of_items menge anzahl cantidad
        quantite 数量 件数
    """,
    "price": """
        unit_price price price_per_unit item_price sale_price selling_price product_price list_price retail_price preis einzelpreis stueckpreis
        precio precio_unitario prix prix_unitaire 单价 价格 售价
    """,
    "total": """
        sales_value line_total sales sales_amount amount total total_price total_amount line_amount net_amount gross_amount revenue turnover
        spend spent umsatz betrag summe importe montant 金额 总价 总金额
    """,
    "category": """
        product_category category categories category_name item_category main_category category_path category_code category_id department
        department_name genre genres section section_name subject subjects topic topics discipline aisle product_group product_group_name
        item_group commodity commodity_desc sub_category product_sub_category kategorie warengruppe categoria categorie rubrik rubrique
        类别 分类 类目 品类 栏目 学科
    """,
    "name": """
        product_name item_name name title product_title item_title movie_title book_title course_title course_name article_title headline
        description product_description item_description desc stock_description product_type label bezeichnung produktname nombre titulo nom titre
        名称 商品名称 产品名称 标题 课程名称
    """,
    "brand": """
        brand brand_name manufacturer manufacturer_name manufacturer_id maker vendor vendor_name publisher author provider instructor marke
        hersteller marca marque 品牌 作者
    """,
    "age": "age age_band age_group age_range age_bracket age_class age_desc customer_age alter altersgruppe edad 年龄 年龄段",
    "gender": "gender sex customer_gender geschlecht sexo genero sexe 性别",
    "location": """
        location country country_name country_code region state province county city town zip zip_code zipcode postcode post_code postal_code
        land ort stadt plz pais ciudad pays ville 国家 地区 省份 城市
    """,
    "query": """
        query search_query search_term search_terms search_text search search_string keyword keywords term terms q query_text phrase
        suchbegriff busqueda recherche 搜索词 关键词 查询
    """,
    "rank": "rank ranking position place rang platz 排名 名次",
    "group": "holdout held_out control control_group is_control group test_group experiment_group arm variant 对照组",
    "source": "source",
}
"""Names of the columns of each field, written with underscores; cases, spaces, dashes and underscores do not count when they are compared."""

ALSO: dict[str, dict[str, str]] = {
    "items": {"item_id": "id code"},
    "users": {"user_id": "id code"},
    "lists": {"at": "delivered_at delivered delivery_date delivery_time sent_at sent sent_date contacted_at contact_date campaign_date"},
}
"""Names that mean something in one kind of table only."""

FIELDS: dict[str, tuple[str, ...]] = {
    "events": tuple(field for field in COLUMNS if field not in {"query", "rank", "group", "source"}),
    "items": ("item_id", "category", "name", "brand", "price"),
    "users": ("user_id", "age", "gender", "location"),
    "searches": ("user_id", "query", "at"),
    "lists": ("user_id", "item_id", "rank", "rating", "group", "source", "at"),
}
"""What each kind of table can tell, in the order in which columns are given out."""

NEEDED: dict[str, tuple[str, ...]] = {
    "events": ("user_id", "item_id"),
    "items": ("item_id",),
    "users": ("user_id",),
    "searches": ("user_id", "query"),
    "lists": ("user_id", "item_id"),
}

EVENTS: dict[str, str] = {
    PURCHASE: """
        purchase purchases purchased buy buys bought order ordered transaction transactions sale sales sold enrol enroll enrolled enrolment
        enrollment checkout pay paid payment subscribe subscription borrow loan rent rental invoice conversion kauf achat compra 购买 下单 支付
    """,
    RATING: "rating rate rated ratings review reviewed reviews stars bewertung 评分 评价",
    VIEW: """
        view views viewed pv click clicks clicked browse browsed page_view page_views pageview product_view item_view impression detail visit
        visited read reads open opened watch watched play played listen 浏览 点击 阅读
    """,
    CART: "cart carts add_to_cart added_to_cart add_cart cart_add basket add_to_basket addtobasket 加购 加购物车",
    RETURN: "return returned returns refund refunded cancel cancelled canceled cancellation send_back 退货 取消",
}
"""Words for each kind of event; any other word is kept as it is, in lower case."""

CODES = "GBP EUR USD JPY CNY RMB INR RUB KRW TRY PLN SEK NOK DKK CHF CAD AUD NZD BRL MXN ZAR SGD HKD CZK HUF"
CURRENCIES: dict[str, str] = {
    "£": "GBP",
    "€": "EUR",
    "US$": "USD",
    "R$": "BRL",
    "A$": "AUD",
    "C$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "$": "USD",
    "¥": "JPY or CNY",
    "￥": "CNY",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
    "₺": "TRY",
    "kr": "kr",
    "zł": "PLN",
    "元": "CNY",
} | dict(zip(CODES.split(), CODES.split(), strict=True))
"""Signs and codes of currencies, and what to call them."""
