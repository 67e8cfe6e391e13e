"""Tasks are told from words, tools and schemas; odd bodies never raise; the model file is small and made anew alike."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
import pytest

from routing import task_model, task_words
from routing.classify import Told, classify, load
from routing.task_samples import make_samples, make_whole_samples, read_books, read_checks
from routing.task_training import read_prompts, train, write_texts
from routing.words import Cause, Task

PROMPTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "prompts"
PAGE = (
    "The harbour was widened in 1911. Two years later the first steamer from Genoa arrived with 240 passengers, "
    "and the captain, Luca Ferri, stayed in the town as a teacher. The school that he founded still stands."
)


def ask(text: str, **more: object) -> Told:
    return classify({"model": "auto", "messages": [{"role": "user", "content": text}], **more})


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("Write a Python function that removes duplicates from a list.", Task.CODING),
        ("Solve for x: 3x + 7 = 22", Task.MATH),
        ("Mia is taller than Ana. Ana is taller than Eva. Who is the shortest?", Task.REASONING),
        (f"Extract all names and dates from the text:\n\n{PAGE}", Task.EXTRACTION),
        (f"Summarize this text in one sentence:\n\n{PAGE}", Task.SUMMARIZATION),
        ("Translate to German: The ship leaves at noon.", Task.TRANSLATION),
        ("Is this review positive or negative? The soup was cold and nobody cared.", Task.CLASSIFICATION),
        ("Rewrite this sentence in a more formal tone: gimme the report asap", Task.REWRITING),
        ("Write a short poem about a lighthouse.", Task.CREATIVE_WRITING),
        ("Give me ten ideas for a school fair.", Task.BRAINSTORMING),
        ("Pretend you are a pirate captain. What do you think of steam ships? Stay in character.", Task.ROLEPLAY),
        (f"{PAGE}\n\nQuestion: Who founded the school?\nAnswer:", Task.CLOSED_QA),
        ("What is the capital of Australia?", Task.OPEN_QA),
    ],
)
def test_it_tells_every_task(text: str, task: Task) -> None:
    assert ask(text).task == task


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("Schreibe ein Gedicht über den Herbst am Meer.", Task.CREATIVE_WRITING),
        ("Résume cet article en trois phrases :\n\nLe port a été agrandi. Un bateau est arrivé.", Task.SUMMARIZATION),
        ("Traduce esta frase al inglés: El barco sale mañana.", Task.TRANSLATION),
        ("Scrivi una funzione in Python che legge un file.", Task.CODING),
        ("Qual é a diferença entre vírus e bactérias?", Task.OPEN_QA),
        ("Geef me tien ideeën voor een verjaardag.", Task.BRAINSTORMING),
        ("Popraw gramatykę: ja być wczoraj w kino.", Task.REWRITING),
        ("Bu yorum olumlu mu olumsuz mu?\nYemek soğuktu.", Task.CLASSIFICATION),
        ("Реши уравнение: 2x + 5 = 17", Task.MATH),
        ("请把这句话翻译成英文：船明天出发。", Task.TRANSLATION),
        ("次の文章を要約してください。\n\n港が広げられた。船が着いた。", Task.SUMMARIZATION),
        ("파이썬으로 파일을 읽는 함수를 작성해 줘.", Task.CODING),
        ("اكتب قصيدة عن البحر.", Task.CREATIVE_WRITING),
        ("प्रकाश संश्लेषण क्या है?", Task.OPEN_QA),
    ],
)
def test_it_reads_other_languages(text: str, task: Task) -> None:
    assert ask(text).task == task


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": None},
        {"messages": "hello"},
        {"messages": [None, 7, {"role": "user"}, {"role": "user", "content": {"a": 1}}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url"}, None, "x", {"text": 3}]}]},
        {
            "messages": [{"role": "user", "content": "\ud800\x00 ﷽ 👩‍👩‍👧"}],
            "tools": [None, {"function": 4}],
            "tool_choice": 9,
        },
        {"messages": [], "response_format": {"type": "json_schema", "json_schema": {"schema": {"properties": []}}}},
        {"messages": [{"role": "user", "content": "?"}], "response_format": "json"},
    ],
)
def test_it_never_raises(body: dict) -> None:
    told = classify(body)
    assert told.task in Task and 0 <= told.confidence <= 1 and 0 <= told.difficulty <= 1


def test_it_says_that_there_was_nothing_to_go_by() -> None:
    assert classify({"messages": []}).cause == Cause.NOTHING


def test_it_heeds_a_schema_of_one_choice() -> None:
    field = {"type": "string", "enum": ["billing", "shipping", "other"]}
    schema = {"type": "object", "properties": {"department": field}}
    told = ask("My parcel never came.", response_format={"type": "json_schema", "json_schema": {"schema": schema}})
    assert (told.task, told.cause) == (Task.CLASSIFICATION, Cause.RESPONSE_FORMAT)


def test_it_heeds_the_function_that_must_be_called() -> None:
    tool = {"type": "function", "function": {"name": "translate_text", "parameters": {}}}
    told = ask("The ship leaves at noon.", tools=[tool], tool_choice=tool)
    assert (told.task, told.cause) == (Task.TRANSLATION, Cause.TOOLS)


def test_a_plain_instruction_is_its_own_cause() -> None:
    told = ask("Translate to French: The ship leaves at noon.")
    assert told.cause == Cause.INSTRUCTION and told.confidence > 0.8


def test_the_system_prompt_counts_when_the_message_instructs_nothing() -> None:
    system = {"role": "system", "content": "Translate everything the user writes to Spanish."}
    told = classify({"messages": [system, {"role": "user", "content": "The old school is closed on Monday."}]})
    assert told.task == Task.TRANSLATION


def test_the_instruction_is_found_behind_a_very_long_text() -> None:
    told = ask(PAGE * 200 + "\n\nSummarize the text above in three sentences.")
    assert told.task == Task.SUMMARIZATION


def test_a_proof_is_harder_than_a_spelling_correction() -> None:
    hard = ask("Prove that there are infinitely many primes congruent to 3 modulo 4, step by step.")
    easy = ask("Fix the spelling: teh ship leafs tomorow")
    assert hard.difficulty > easy.difficulty + 0.1


def test_it_takes_less_than_a_few_milliseconds() -> None:
    load()
    times = []
    for _ in range(60):
        start = time.perf_counter()
        ask(f"Extract all names and dates from the text:\n\n{PAGE}")
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.005  # one is the target; the machine of a test may be busy


def test_the_model_file_is_small_and_holds_no_text() -> None:
    for path, most in ((task_model.FILE, 2_000_000), (task_words.FILE, 2_100_000)):
        assert path.stat().st_size < most
        with np.load(path, allow_pickle=False) as file:
            assert all(file[name].dtype.kind in "iuf" for name in file.files)


def test_every_language_has_every_task() -> None:
    books = read_books()
    assert len(books) >= 16
    assert all(set(book.templates) == set(Task) for name, book in books.items() if name != "code")


def test_no_filler_is_missing() -> None:
    left = [s.language for s in make_samples(each=40, mother_each=200, seed=3) if "{topic}" in str(s.body)]
    assert left == []


def test_most_requests_of_every_language_are_told_right_though_none_was_trained_on() -> None:
    right: dict[str, list[bool]] = {}
    for check in read_checks():
        right.setdefault(check.language, []).append(classify(check.body).task == check.task)
    assert len(right) >= 13 and all(len(some) == len(Task) for some in right.values())
    assert [language for language, some in right.items() if sum(some) / len(some) < 0.6] == []
    assert sum(map(sum, right.values())) / sum(map(len, right.values())) >= 0.85


def test_nothing_that_is_measured_on_is_trained_on() -> None:
    checks = {str(check.body).lower() for check in read_checks()}
    made = {str(sample.body).lower() for sample in make_whole_samples(seed=1)}
    assert checks and not checks & made


def test_training_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        task_model.write_model(train(write_texts(each=1, mother_each=6), [], []), tmp_path / f"{name}.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_the_shipped_file_knows_the_labelled_prompts() -> None:
    """It was fitted on them: this tells a stale or broken file. Accuracy on unseen ones is the benchmark's."""
    prompts = read_prompts(PROMPTS)
    if not prompts:
        pytest.skip("the labelled prompts are not beside the project")
    right = sum(classify(prompt.body).task == prompt.task for prompt in prompts)
    assert right / len(prompts) >= 0.95
