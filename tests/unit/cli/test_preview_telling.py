import pytest
import typer

from cli.preview import telling
from shared.domain.errors import GraphUnavailable, JournalUnavailable, TransientError


@pytest.mark.parametrize(
    ("error", "setting"),
    [(GraphUnavailable("503"), "GRAPH_ENDPOINT"), (JournalUnavailable("no"), "JOURNAL_URL")],
    ids=["Graph", "the journal"],
)
def test_what_is_out_of_reach_is_told_with_the_setting_to_check(
    capsys: pytest.CaptureFixture[str], error: TransientError, setting: str
) -> None:
    with pytest.raises(typer.Exit) as ended:
        telling.refuse(error)

    told = capsys.readouterr().err
    assert ended.value.exit_code == 2
    assert [each for each in ("GRAPH_ENDPOINT", "JOURNAL_URL") if each in told] == [setting]
