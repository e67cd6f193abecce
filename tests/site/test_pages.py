"""The site as files: links resolve, nothing comes from a network, the same results give the same bytes."""

from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from reprise.site.pages import site_pages, write_site


class Links(HTMLParser):
    """Targets, ids, and headings of a page, and what it lacks for a screen reader."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.ids, self.levels, self.pictures, self.hosts = [], set(), [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "id" in found:
            assert found["id"] not in self.ids or tag not in ("article", "h2"), found["id"]
            self.ids.add(found["id"])
        self.targets += [(tag, found[name]) for name in ("href", "src") if found.get(name)]
        if tag in ("h1", "h2", "h3"):
            self.levels.append(int(tag[1]))
        if tag == "img":
            self.pictures.append(found.get("alt"))


@pytest.fixture
def pages(project):
    return {p: Links(p.read_text()) for p in (project / "results").rglob("*.html") if "tables" not in p.parts}


def test_a_front_page_a_page_a_study_and_its_notebook(pages, project):
    names = sorted(p.relative_to(project / "results").as_posix() for p in pages)
    assert names == [
        "default/fusion/index.html",
        "default/fusion/notebook.html",
        "index.html",
        "smoke/fusion/index.html",
        "smoke/fusion/notebook.html",
    ]


def test_every_link_resolves(pages):
    for page, links in pages.items():
        for tag, target in links.targets:
            if target.startswith("data:") or (tag == "a" and target.startswith("https://arxiv.org/")):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / unquote(path)).resolve() if path else page
            assert file.is_file(), (page.name, target)
            if anchor:
                assert anchor in pages[file].ids, (page.name, target)


def test_nothing_but_links_to_papers_leads_outside(pages):
    for page in pages:
        text = page.read_text()
        for scheme in ('src="http', "@import", "url(http", '<link rel="stylesheet"'):
            assert scheme not in text, page.name


def test_headings_go_down_by_one_and_pictures_have_a_text(pages):
    for page, links in pages.items():
        assert links.levels[0] == 1 and links.levels.count(1) == 1, page.name
        assert all(b - a <= 1 for a, b in zip(links.levels, links.levels[1:], strict=False)), page.name
        assert all(links.pictures), page.name


def test_a_page_is_written_only_when_it_would_differ(project):
    assert write_site(project) == [] and write_site(project, anew=True) == []
    page = project / "results" / "default" / "fusion" / "index.html"
    content = page.read_bytes()
    page.write_bytes(content.replace(b"fusion-helps", b"fusion-harms"))
    assert write_site(project, anew=True) == [page] and page.read_bytes() == content


def test_a_page_whose_results_are_as_they_were_is_not_even_rendered(project, monkeypatch):
    rendered = []
    monkeypatch.setattr("reprise.site.pages._render", lambda name, *_, **__: rendered.append(name) or b"page")
    write_site(project)
    assert rendered == ["front.html.j2"]
    manifest = project / "results" / "default" / "fusion" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    write_site(project)
    assert rendered == ["front.html.j2", "front.html.j2", "study.html.j2", "notebook.html.j2"]


def test_a_page_is_rendered_again_when_another_profile_joins(project):
    import shutil

    shutil.copytree(project / "results" / "default", project / "results" / "open")
    changed = {page.relative_to(project / "results").as_posix() for page in write_site(project)}
    assert "default/fusion/index.html" in changed
    assert b"../../open/fusion/index.html" in (project / "results/default/fusion/index.html").read_bytes()


def test_no_path_of_this_machine(pages, tmp_path):
    for page in pages:
        assert str(tmp_path) not in page.read_text()


def test_topic_texts_cannot_end_their_script(project):
    page = site_pages(project)["default/fusion/index.html"].decode()
    data = page.split('id="drill-data">')[1].split("</script>")[0]
    assert "\\u003c/script>" in data and '"how to sum' in data


def test_the_command_stands_beside_every_table_and_figure(project):
    page = site_pages(project)["default/fusion/index.html"].decode()
    assert page.count("make fusion PROFILE=default") >= 3
    assert "params/published/fusion.yaml" in page


def test_the_front_page_leaves_smoke_out_where_there_is_more(project):
    import shutil

    assert b"ours, smoke" not in site_pages(project)["index.html"]
    shutil.rmtree(project / "results" / "default")
    assert b"ours, smoke" in site_pages(project)["index.html"]


def test_without_results_the_front_page_judges_published_numbers(project):
    import shutil

    shutil.rmtree(project / "results")
    pages = site_pages(project)
    assert list(pages) == ["index.html"] and "✗ not borne out" in pages["index.html"].decode()


def test_many_numbers_are_cut_and_the_page_says_so(project, monkeypatch):
    monkeypatch.setattr("reprise.site.drilldown.MOST", 24)
    page = site_pages(project)["default/fusion/index.html"].decode()
    assert "toy: without nDCG@10; results.json has all." in page


def test_a_study_whose_ledger_is_broken_is_named_and_the_others_are_shown(project):
    from reprise.errors import InputError

    ledger = project / "params" / "claims" / "fusion.yaml"
    ledger.write_text(ledger.read_text() + "claims: []\n")
    with pytest.raises(InputError, match="the key 'claims' stands twice"):
        write_site(project)
    failures = {}
    (page,) = write_site(project, failures=failures)
    assert page.name == "index.html" and list(failures) == ["fusion"]
    assert "Not shown: <code>fusion</code>, as claims/fusion.yaml, line" in page.read_text()
