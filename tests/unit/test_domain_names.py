"""Names are compared by what a person reads, whatever letters and separators they are made of."""

import pytest

from processor.domain.names import alternatives_of, fold, is_card_number_name, path_of


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Card-Number", "cardnumber"),
        ("\uff23\uff56\uff56", "cvv"),
        ("\u0421\u0412\u041d \u0475\u03bd\u03c1", "cbhvvp"),
        ("\u0441\u0430rd_\u039d\u03c5m\u042cer", "cardnum\u044cer"),
        ("M\u00fcller \u6771", "m\u00fcller\u6771"),
        ("", ""),
    ],
)
def test_letters_that_look_alike_are_one(name: str, folded: str) -> None:
    assert fold(name) == folded
    assert fold(name * 40) == folded * 40


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("payment.card.cvv", ["payment", "card", "cvv"]),
        ("source[card][0]", ["source", "card", "0"]),
        ("ns:cvv", ["ns", "cvv"]),
        ("No. of cards: all", ["No. of cards: all"]),
        ("..", []),
    ],
)
def test_a_path_is_cut_into_its_names(name: str, path: list[str]) -> None:
    assert path_of(name) == path


def test_names_beside_each_other_are_told_apart() -> None:
    assert alternatives_of("CVV2/CVC2 (3 digits), Code: ") == ["cvv2", "cvc2", "3digits", "code"]


@pytest.mark.parametrize(
    "name",
    [
        *("cardNumber", "card no", "Card No.", "CARD_NUM", "card nr", "creditCardNo", "cc_num"),
        *("card_pan", "debit_card_no", "payment.cardNumber", "cardNumber2", "card_number_1"),
        *("primary account no", "payment[card][number]", "cards[0].cardNumber", "cardNumber[]"),
        *("transaction.card.number", "Card number (PAN)", "PAN / card number", "new_card_number"),
        *("c\u0430rdNumber", "x." * 100 + "cardNumber"),
    ],
)
def test_a_card_number_s_name_is_known(name: str) -> None:
    assert is_card_number_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "pan", "PAN number", "cc_no", "card", "number", "card.type", "cardNumberHash"),
        *("cardNumber.last4", "card number (last 4)", "masked_card_number", "account number"),
        *("discard no", "cardNumber.token", "card_number_length", "cardNumber123"),
    ],
)
def test_other_names_are_not(name: str) -> None:
    assert not is_card_number_name(name)
