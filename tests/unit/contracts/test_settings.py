"""A mistake in a settings file is told where it is; people count from one."""

import pytest

from osteon.contracts.protocol import Protocol
from osteon.errors import ProtocolError

HEAD = 'name = "p"\ntitle = "p"\n'


def refusal(text: str) -> str:
    with pytest.raises(ProtocolError) as refused:
        Protocol.parse(text)
    return str(refused.value)


def test_an_entry_of_a_list_is_counted_from_one():
    told = refusal(HEAD + 'questions = ["who", "how_oftn"]')
    assert '`questions 2` is "how_oftn"' in told
    assert 'Did you mean "how_often"?' in told


def test_a_setting_inside_an_entry_is_told_with_its_entry():
    text = HEAD + 'questions = ["who"]\n'
    entry = '[[published]]\nfigure = "n"\nvalue = "1"\nanalysis = "cohort_size"\n'
    assert "`published 2.derivd` is not a setting" in refusal(text + entry + entry + "derivd = []")
    assert "`published 1.value` is missing" in refusal(text + '[[published]]\nfigure = "n"')


def test_a_setting_outside_lists_keeps_its_plain_name():
    assert "`survival.horizon_months`" in refusal(
        HEAD + 'questions = ["who"]\n[survival]\nhorizon_months = 0'
    )
