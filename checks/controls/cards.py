"""Card data: what becomes of a card number wherever it stands, and what is not taken at all.

All of it is kept by the code; the template's share are the controls on the tokenisation key.
"""

from typing import Final

from checks.controls.model import Control, Standards
from checks.controls.names import unit

CARDS: Final = (
    Control(
        id="CRD-1",
        title="A card number is stored as a keyed token and its last four digits",
        threat="Whoever reads the table, a backup or a fingerprint has the card number",
        standards=Standards(pci=("3.4.1", "3.5.1", "3.5.1.1"), nist=("SC-28",)),
        proof=(
            *unit(
                "domain_card",
                "the_token_is_the_hmac_of_the_digits_under_the_key",
                "neither_number_nor_key_is_printed",
            ),
            *unit(
                "pipeline_cards",
                "a_card_number_is_stored_as_token_and_last_four_and_fingerprinted_so",
                "no_card_number_is_kept_anywhere",
                "a_card_number_is_kept_under_no_spelling_of_its_name",
            ),
            *unit("marked_cards", "no_card_number_is_kept_or_told"),
        ),
    ),
    Control(
        id="CRD-2",
        title="A card number in free text is masked to its last four digits",
        threat="A sender writes card numbers where nobody looks for them",
        standards=Standards(pci=("3.4.1", "3.5.1")),
        proof=(
            *unit(
                "domain_masking",
                "a_card_number_is_masked_wherever_it_stands",
                "masking_leaves_no_number_and_keeps_everything_else",
                "near_misses_stay_as_they_are",
            ),
            *unit(
                "domain_masking_forms",
                "printed_groups_are_found_with_any_usual_separator",
                "wide_and_invisible_separators_join_any_groups",
                "escapes_hide_no_number_and_stay_as_they_are",
                "zeros_before_a_number_hide_none_of_it",
            ),
            *unit("domain_issuer", "a_number_of_a_network_is_known_and_masked"),
            *unit("domain_other_numbers", "what_only_resembles_another_number_is_no_excuse"),
            *unit("pipeline_cards", "a_card_number_in_a_name_rejects_the_record"),
        ),
    ),
    Control(
        id="CRD-3",
        title="The quarantine holds no readable card number either",
        threat="A rejected record shows what a stored one does not",
        standards=Standards(pci=("3.4.1", "3.5.1")),
        proof=(
            *unit(
                "redaction",
                "a_number_that_masking_finds_is_masked_in_any_record",
                "the_value_of_a_card_number_column_is_masked_valid_or_not",
                "a_record_that_cannot_be_split_has_all_long_runs_masked",
                "all_digits_of_a_nested_json_card_number_are_masked",
            ),
            *unit(
                "redaction_bytes",
                "digits_at_a_cut_end_are_masked",
                "an_escape_that_is_not_resolved_hides_no_number",
                "a_json_number_is_masked_however_its_digits_are_escaped",
            ),
        ),
    ),
    Control(
        id="CRD-4",
        title="A file with track data, CVV or PIN is refused, and nothing of them is kept",
        threat="Data that authorises payments is stored, which nobody may after authorisation",
        standards=Standards(pci=("3.3.1",)),
        proof=(
            *unit(
                "domain_sensitive",
                "a_name_of_sensitive_data_is_known_in_any_spelling",
                "names_are_looked_for_at_any_depth",
            ),
            *unit(
                "pipeline_sensitive",
                "a_csv_header_with_sensitive_data_refuses_the_file_before_any_record",
                "a_json_record_with_sensitive_data_ends_the_reading_there",
                "a_second_table_with_sensitive_data_ends_the_reading_at_its_header",
            ),
            *unit("marked_cards", "sensitive_authentication_data_is_kept_nowhere"),
        ),
    ),
    Control(
        id="CRD-5",
        title="The tokenisation key can be changed without changing a verdict",
        threat="A key that may have been seen stays in use, because a change would break matching",
        standards=Standards(pci=("3.7.4",), nist=("SC-12",)),
        proof=(
            *unit(
                "pipeline_cards",
                "the_same_transactions_after_a_rotation_are_duplicates_and_new_ones_have_the_new_key",
                "a_file_keeps_the_key_with_which_it_was_first_seen",
                "a_transaction_under_a_key_that_is_lost_stops_the_file_and_names_the_key",
            ),
            *unit("keyring", "a_key_that_is_not_known_yet_is_read_past_the_cache"),
            *unit("proven_keys", "an_exchanged_key_is_refused_by_its_id_alone"),
            *unit(
                "settings",
                "keys_that_were_current_before_are_kept_and_never_printed",
                "keys_that_cannot_be_used_are_refused_and_no_value_is_named",
            ),
            *unit("marked_cards", "a_rotation_tells_no_value"),
            *unit(
                "security_document",
                "rotation_puts_the_new_key_in_front_and_keeps_every_key_before_it",
            ),
        ),
    ),
)
