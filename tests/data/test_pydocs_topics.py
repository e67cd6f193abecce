"""Topics, target groups and splits on entries made by hand."""

from reprise.data.pydocs_topics import Entry, build_splits, hash_share

BODY = "Parameters a number and nothing else in this body of text"


def entry(name, summary="", body=BODY, links=(), said=()):
    return Entry(name, name.split(".")[0], summary, body, tuple(links), tuple(said))


def topics_of(entries):
    splits = build_splits(entries)
    return {t.text: splits[s].qrels[t.id] for s in ("dev", "test") for t in splits[s].topics}


def test_grades_are_3_for_the_target_and_1_for_links_in_either_direction():
    found = topics_of(
        [
            entry("a.svd", links=["a.eig"]),
            entry("a.eig"),
            entry("a.qr", links=["a.svd"], said=[("a.svd", "Factorise a rectangular matrix.")]),
            entry("a.far"),
        ]
    )
    assert found == {"Factorise a rectangular matrix.": {"a.svd": 3, "a.eig": 1, "a.qr": 1}}


def test_aliases_are_one_target_and_one_topic_the_longest_description():
    found = topics_of(
        [
            entry("a.core.sum", "Adds up."),
            entry("a.ma.sum", "adds up"),
            entry("a.other.sum", "Something else."),
            entry("a.x", links=["a.core.sum"], said=[("a.core.sum", "Total of elements.")]),
            entry("a.y", links=["a.ma.sum"], said=[("a.ma.sum", "Total of all elements.")]),
        ]
    )
    assert found == {"Total of all elements.": {"a.core.sum": 3, "a.ma.sum": 3, "a.x": 1, "a.y": 1}}


def unfair(text, **target):
    found = topics_of([entry("a.target_name", **target), entry("a.c", said=[("a.target_name", text)])])
    return found == {}


def test_what_is_no_topic():
    assert not unfair("Sums many numbers.")
    assert unfair("Sums numbers.")  # too short
    assert unfair("Equivalent array method.")  # one telling word
    assert unfair("Inverse cosine of this function.")  # points at the other object
    assert unfair("Sums many NUMBERS", summary="Sums many numbers.")  # the target's summary
    assert unfair("Sums many numbers.", body=f"{BODY} and it sums\n many  numbers")  # stands in the target
    assert unfair("Sums like target_name does.")  # gives the name away


def test_a_description_of_two_objects_describes_neither():
    said = [("a.b", "Sums many numbers."), ("a.c", "sums many numbers")]
    assert topics_of([entry("a.b"), entry("a.c"), entry("a.d", said=said)]) == {}


def test_a_template_around_the_name_is_no_description():
    names = ["mean", "median", "mode"]
    entries = [entry(f"a.{n}") for n in names]
    said = [(f"a.{n}", f"Apply {n} to every column.") for n in names]
    assert topics_of([*entries, entry("a.d", said=said)]) == {}
    assert len(topics_of([*entries, entry("a.d", said=said[:2])])) == 2


def test_training_takes_summaries_outside_the_evaluated_groups():
    splits = build_splits(
        [
            entry("a.core.sum", "Adds all numbers up."),
            entry("a.ma.sum", "Adds all numbers up."),
            entry("a.c", "Draws one line.", said=[("a.core.sum", "Total of all elements.")]),
            entry("a.d", "Return the result."),
            entry("a.e", "Return the result."),  # the same for two
            entry("a.f", "Total of all elements"),  # a topic's text
            entry("a.g", "Too short."),
            entry("a.h", ""),
            entry("a.i", "Stands in it.", body="It stands in it."),
        ]
    )
    train = splits["train"]
    assert [(t.id, t.text) for t in train.topics] == [("train:a.c", "Draws one line.")]
    assert train.qrels == {"train:a.c": {"a.c": 3}}


def test_a_template_around_proper_names_trains_nothing():
    made = [
        entry(f"a.f{i}", f"Constructs a {name} processor.")
        for i, name in enumerate(("Perceiver", "Emu3", "Bert"))
    ]
    assert build_splits(made)["train"].topics == ()
    assert len(build_splits(made[:2])["train"].topics) == 2


def test_the_split_of_an_object_stays_when_others_come():
    def split_of(count):
        entries = [entry(f"a.f{i}") for i in range(count)]
        said = [(f"a.f{i}", f"Some words about item {'x' * (i + 1)}.") for i in range(count)]
        splits = build_splits([*entries, entry("a.z", said=said)])
        return {t.id.split(":")[1]: s for s in ("dev", "test") for t in splits[s].topics}

    small, large = split_of(30), split_of(200)
    assert small == {name: large[name] for name in small}
    # 0.3 of 200, and four standard deviations of a binomial: sqrt(200 * 0.3 * 0.7) = 6.5
    assert abs(list(large.values()).count("dev") - 60) < 26
    assert 0 <= hash_share("a.f0") < 1
