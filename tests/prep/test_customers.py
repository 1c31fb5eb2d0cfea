"""The customer table: ages, bands and genders."""

from tests.prep.raw_tables import raw
from xsell.contract.options import Clean
from xsell.data.schema import USERS
from xsell.prep.cleaning import clean_events
from xsell.prep.customers import clean_users, combine_users
from xsell.prep.diary import Diary
from xsell.prep.search_log import clean_searches


def test_ages_and_genders_are_read() -> None:
    """Numbers make bands, bands stay as given, impossible ages are emptied and counted, and words for genders agree."""
    text = "member,age,sex\na,17,M\nb,33.5,female\nc,45-54,女\nd,65+,nonbinary\ne,999,\nf,-3,\ng,70 years,m\n"
    diary = Diary()
    table = clean_users([raw(text)], Clean(), diary).frame
    users = combine_users(table, table.select("user_id").clear(), diary)
    assert USERS.check(users)["age"].to_list() == [17.0, 33.5, None, None, None, None, 70.0]
    assert users["age_band"].to_list() == ["<18", "25-34", "45-54", "65+", None, None, "65+"]
    assert users["gender"].to_list() == ["male", "female", "female", "nonbinary", None, None, "male"]
    assert diary.counts == {"ages outside 0 to 120, left empty": 2}


def test_customers_in_the_events_become_the_table() -> None:
    """What most events of a customer say counts, and customers of whom nothing is known are left out."""
    text = "user,item,Country\na,x,France\na,y,Spain\na,z,Spain\nb,x,\n"
    inline = clean_events([raw(text)], Clean(), Diary()).users
    assert combine_users(None, inline, Diary()).select("user_id", "location").rows() == [("a", "Spain")]


def test_without_anything_known_the_table_is_empty() -> None:
    """Events that tell nothing of customers give an empty table with all promised columns."""
    inline = clean_events([raw("user,item\na,x\n")], Clean(), Diary()).users
    assert USERS.check(combine_users(None, inline, Diary())).is_empty()


def test_searches_without_customer_or_words_are_refused() -> None:
    """Searches are sorted, exact repeats merged, and every row is accounted for."""
    table = clean_searches(
        [raw("user,query,time\nb,red mug,2020-01-02\na,茶,2020-01-02\na,茶,2020-01-02\n,x,\na,,\na,y,soon\n")], Clean(), Diary()
    )
    assert table.frame.select("user_id", "query").rows() == [("a", "茶"), ("b", "red mug")]
    assert table.ledger.rejected == {"no user": 1, "no query": 1, "unreadable date": 1}
    assert (table.ledger.read, table.ledger.kept, table.ledger.merged) == (6, 2, 1)
