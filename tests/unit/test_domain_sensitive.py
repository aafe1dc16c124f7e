"""Sensitive authentication data is known by the name of its field, however that is spelled."""

import pytest

from processor.domain.field import FieldValue, NumberText
from processor.domain.sensitive import (
    NAME_CHARACTERS_MAX,
    Sensitive,
    sensitive_among,
    sensitive_in_header,
    sensitive_in_text,
    sensitive_name,
    sensitive_within,
)

NAMES = {
    Sensitive.TRACK: (
        "track track1 Track_2 TRACK3 track-2-data trackData trackII track2EquivalentData "
        "fullTrack magStripe magnetic_stripe_data cardTrack2 ccTrack1 track_data_2 trackData1 "
        "track2DataClear magstripe_track2 emvData"
    ),
    Sensitive.VERIFICATION_CODE: (
        "cvv CVV2 cvc CVC2 cvc3 cav2 csc cvn cvd ccv iCVV cvp2 card_cvv cc-cvv creditCardCvv "
        "cvvCode cvv2_value cardVerificationValue card_verification_code Card.Security.Code "
        "cardVerificationValue2 cardholder_cvv CVV2/CVC2 cvv_cvc cvv_3_digits verification_value "
        "securityCode(CVV) cv2 cardCv2 cv2Code encrypted_cvv cardEncryptedCvv cvvHash user_cvv "
        "payment.cvv transaction.card.cvv source[cvv] cards[0].cvv card:cvv cvv.value cvv[] "
        "payment[card][security][code] checkout.cvv checks.cvv CID/CVV2 CVV,CVC "
        "\u0441vv CV\u0412/\u0421VV \u03f9VV \u0441\u0475\u0475 cv\u03bd"
    ),
    Sensitive.PIN: (
        "pin PIN pinBlock PIN_BLOCK encryptedPinBlock card_pin ccPin pvv pinOffset pin_number "
        "debitCardPin pinVerificationValue cardPinCode card_pin_code atmPin atmPinCode user_pin "
        "new_pin old_pin newCardPin user_card_pin encrypted_card_pin customerPin card.pin "
        "pin.block source[pin] PIN/PVV p\u0456n \u03c1in \u0420\u0406N PIN(4)"
    ),
}


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for kind, names in NAMES.items() for name in names.split()]
)
def test_a_name_of_sensitive_data_is_known_in_any_spelling(name: str, kind: Sensitive) -> None:
    assert sensitive_name(name) is kind


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for kind, names in NAMES.items() for name in names.split()]
)
def test_one_look_at_many_names_misses_none(name: str, kind: Sensitive) -> None:
    split = f"{name[0]}\n{name[1:]}"

    assert sensitive_among(["amount", name, "currency"]) is kind
    assert sensitive_among(["amount", split, "currency"]) is kind
    assert sensitive_among(["montant", name, "dévise"]) is kind


@pytest.mark.parametrize(
    "name",
    [
        *(
            "cid",
            "pincode",
            "PIN code",
            "securitycode",
            "security_code",
            "",
            " ",
            "é",
            "card",
            "cc",
        ),
        *("tracking", "trackingNumber", "track4", "soundtrack", "cavv", "cvvResult", "cvv_match"),
        *("shipping", "spin", "pinned", "pinterest", "verificationCode", "cardNumber", "cscore"),
        *(
            "x" * NAME_CHARACTERS_MAX + "cvv",
            "Chip/PIN",
            "mode (PIN)",
            "Entry mode: PIN",
            *("cvv.check", "cvv/result", "CVV (match)", "Result (CVV)", "avs/cvv response"),
            *("AVS/CVV", "cvv.response.code", "CVV2/CVC2 check result", "cvv.present", "cv2avs"),
            *("pin_verified", "pin.verified", "pin.tries", "card.checks.cvc_check", "cv2result"),
            *("address.pincode", "user_pincode", "cv", "cvs", "tracking.number", "card.type", "."),
            *("\u043f\u0438\u043d", "\u0441\u0441", "\u03c0\u03b9\u03bd"),
            "expiry",
            "last4",
            "transactionId",
            "accountId",
        ),
    ],
)
def test_other_names_are_not(name: str) -> None:
    assert sensitive_name(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *(
            "card security code",
            "c v v",
            "\uff23\uff36\uff36",
            "“cvv”",
            "CVV (3 digits)",
            "c\u0301vv",
            "Sicherheitscode (CVV)",
            "3-digit code (CVV)",
            "Code: CVV",
            "CVV (required)",
        ),
        *("cvv" + " " * 98, "“cvv”" + "\u0301" * 100_000),
    ],
)
def test_only_letters_and_digits_of_a_name_count(name: str) -> None:
    assert sensitive_name(name) is Sensitive.VERIFICATION_CODE


@pytest.mark.parametrize("separator", [".", "[", "/", "(", ":"])
def test_a_name_of_any_length_takes_a_time_that_has_a_bound(separator: str) -> None:
    many = f"a{separator}" * 100_000

    assert sensitive_name(f"{many}cvv") is Sensitive.VERIFICATION_CODE
    assert sensitive_name(many) is None


def test_the_first_of_several_names_is_told() -> None:
    assert sensitive_among(["a", "pin", "cvv"]) is Sensitive.PIN
    assert sensitive_among(["a", "b"]) is None


@pytest.mark.parametrize(
    "value",
    [{"pin": None}, {"a": {"b": {"PIN": ""}}}, [["x", {"pin": []}]], {"a": [{"b": 1}, {"pin": 1}]}],
)
def test_names_are_looked_for_at_any_depth(value: FieldValue) -> None:
    assert sensitive_within(["text", None, value]) is Sensitive.PIN


def test_values_are_no_names() -> None:
    assert sensitive_within(["cvv", NumberText("1"), {"a": "pin"}, ["track2"], True]) is None
    assert sensitive_in_text('{"a": "cvv", "b": ["pin", "x: y"]}') is None
    assert sensitive_in_text('{"a": "by "PIN" verified", "b": ["chip" , "PIN"], "c" "PIN"}') is None


@pytest.mark.parametrize(
    "text",
    [
        '{"cvv": 1',
        '{"a": "b" "cvv" :"1"}',
        "{'cvv': '1'}",
        "{cvv: 1}",
        "{a: 1,\n cvv : 1}",
        '{"a": "unbalanced, "cvv": "1"}',
        '[{"card-security-code":"1"}]',
        '{"a":NaN,"x":{"cvc2":"1"}}',
        '{"c\\/vv":"1"',
        '{"c\\tvv":"1"',
        '{"c\\"vv":"1"',
        '{"cvv%s":"1"' % (" " * 98),
        '{a: 1, card-cvv: "1"',
        "{c v v: 1",
        '{"cvv"="1"',
        '{"cvv" => "1"',
        "{'cvv' = '1'}",
        '{"cvv:"1"',
        '{"cvv:" "1"}',
        '{"cvv" "1"}',
        '{"cvv" {"v": 1}',
        '{"a":"x","cvv":"1"',
        '{"a":"x" "b" "cvv": 1',
        "{cvv=1, a=2}",
        "amount=1&cvv=1",
        "amount: 1\ncvv: 1",
        '{"payment.cvv": "1"',
        '{"source[cvv]"="1"',
        '{"\u0441vv": "1"',
    ],
)
def test_a_key_is_found_in_a_text_that_is_no_json(text: str) -> None:
    assert sensitive_in_text(text) is Sensitive.VERIFICATION_CODE


@pytest.mark.parametrize(
    "text",
    [
        "transactionId,amount,cvv",
        '"transactionId";"cvv2"',
        "id\tPIN\tCVV",
        '["id","cvv"]',
        "1,2\nid|cvv\n2|737",
        "id,CVV (3 digits)",
        "transactionId,timestamp,amount,currency,cvv,3ds_status",
        'id;"Transaction ID";"3ds";"Card Number";"CVV2"',
        "3ds_status|merchant|cvc|type",
        "id,note,3-digit code (CVV)",
    ],
)
def test_a_line_that_names_columns_is_a_header(text: str) -> None:
    assert sensitive_in_header(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "A,2026-03-01,PIN",
        "type,2026-03-01,PIN",
        'A,"1.00",PIN,x',
        "A,-1,PIN",
        "PIN",
        "id,amount",
        "id,my pin",
        "",
        ",",
    ],
)
def test_a_line_of_values_is_no_header(text: str) -> None:
    assert sensitive_in_header(text) is None
