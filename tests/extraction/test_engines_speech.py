"""What Whisper invents, and what it parts, put right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extraction.engines.hearing import _warnings
from extraction.engines.spoken import build_segment, is_speech, is_too_fast
from extraction.engines.stutter import collapse
from extraction.recognized import Segment, SpokenWord


def said(text: str, start: float = 0.0) -> Segment:
    words = tuple(SpokenWord(word, start + at / 10, start + at / 10 + 0.1, 0.9) for at, word in enumerate(text.split()))
    return Segment(text, start, start + len(words) / 10, 0.9, words)


def test_a_phrase_said_over_and_over_is_kept_once():
    kept, stuttered = collapse([said("call me back " + "thank you very much " * 6 + "bye")])
    assert kept[0].text == "call me back thank you very much bye" and stuttered
    assert [word.text for word in kept[0].words] == kept[0].text.split()


def test_a_segment_said_over_and_over_is_kept_once():
    kept, stuttered = collapse([said("Hello."), *(said("Thank you.", at) for at in range(1, 7)), said("Bye.", 9)])
    assert [segment.text for segment in kept] == ["Hello.", "Thank you.", "Bye."] and stuttered


@pytest.mark.parametrize("phrase", ["thank you.", "see you in the next video."])
def test_three_times_is_too_often_for_a_phrase_and_twice_is_not(phrase):
    said_thrice, stuttered = collapse([said(" ".join([phrase] * 3))])
    assert said_thrice[0].text == phrase and stuttered
    thrice, stuttered = collapse([said(phrase, at) for at in (0, 5, 10)])
    assert [segment.text for segment in thrice] == [phrase] and stuttered
    twice = [said(" ".join([phrase] * 2)), said("and"), said(phrase), said(phrase)]
    assert collapse(twice) == (twice, False)


def test_what_people_do_say_is_left_alone():
    spoken = [
        said("no no no that is very very good"),
        said("zero zero zero zero one one one one"),
        said("Yes."),
        said("Yes."),
        said("Yes."),
    ]
    assert collapse(spoken) == (spoken, False)


def test_an_amount_in_two_pieces_is_one_word():
    pieces = [(" is", 0.0, 0.2, 0.9), (" $86", 0.2, 0.6, 0.9), (".40", 0.6, 1.0, 0.7)]
    segment = build_segment(" is $86.40", 0.0, 1.0, -0.1, pieces, "en")
    assert [(word.text, word.end, word.confidence) for word in segment.words] == [
        ("is", 0.2, 0.9),
        ("$86.40", 1.0, 0.7),
    ]


def test_languages_without_spaces_keep_their_words():
    segment = build_segment("你好吗", 0.0, 1.0, -0.1, [("你", 0, 0.3, 0.9), ("好吗", 0.3, 1.0, 0.9)], "zh")
    assert [word.text for word in segment.words] == ["你", "好吗"]


def test_silence_and_babble_are_not_speech():
    assert not is_speech("Thanks for watching!", no_speech=0.9, mean_logprob=-1.4)
    assert is_speech("Thanks for watching!", no_speech=0.9, mean_logprob=-0.3)
    assert not is_speech("  ", no_speech=0.0, mean_logprob=0.0)


def test_a_sentence_in_no_time_is_not_spoken():
    assert is_too_fast("I hope you enjoyed this video and I'll see you in the next one.", 12.76, 13.3)
    assert not is_too_fast("Peter Piper picked a peck of pickled peppers.", 1.0, 3.0)
    assert not is_too_fast("Yes.", 1.0, 1.0)


def test_warnings_are_codes():
    clear, guessed = said("Call me back."), replace(said("Cold knee pack."), confidence=0.2)
    assert list(_warnings([clear], stuttered=False)) == []
    assert list(_warnings([], stuttered=False)) == ["no_speech"]
    assert list(_warnings([guessed], stuttered=True)) == ["repetition_removed", "low_speech_confidence"]
    assert list(_warnings([clear, clear, guessed], stuttered=False)) == []
