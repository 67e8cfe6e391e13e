// The playground: a file, a schema, a run. This module knows what is going on; the panes know how to show it.
import { call, follow, upload } from "./api.js";
import { showCode } from "./code_tab.js";
import { mediaPane } from "./media_pane.js";
import { askPrice, forgetPrice, freshQuote } from "./price.js";
import { clearProblem, showProblem } from "./problems.js";
import { hideStage, showStage } from "./progress.js";
import { clearResult, showResult } from "./result_pane.js";
import { schemaPane } from "./schema_pane.js";
import { tabs } from "./tabs.js";
import { amount, say } from "./words.js";

const keys = document.getElementById("run-key");
const run = document.getElementById("run-start");
const cancel = document.getElementById("run-cancel");
const key = () => keys.value;
const isTest = () => keys.selectedOptions[0].dataset.mode === "test";

let file = null;
let kind = "";
let running = null;

const media = mediaPane({ onFile: take, onProblem: (text) => showProblem({ title: text }) });
const schema = schemaPane({ key, onChange: refresh, onProblem: showProblem });
tabs(document.getElementById("result-tabs"));
keys.addEventListener("change", () => { showBalance(); price(); });
run.addEventListener("click", start);
cancel.addEventListener("click", () => running?.abort.abort());
showBalance();
schema.choose(document.getElementById("schema-choice").value);

function take(chosen, itsKind) {
  running?.abort.abort();
  [file, kind] = [chosen, itsKind];
  clearResult();
  hideStage();
  schema.suggest({ audio: "voice_memo", pdf: "invoice" }[kind] ?? "receipt");
  refresh();
  price();
}

function refresh() {
  run.disabled = !file || Boolean(running) || !schema.isReady();
  if (schema.isReady()) showCode({ file, ...schema.asked() });
}

async function price() {
  clearProblem();
  if (!file) return;
  try {
    await askPrice(key(), file, isTest());
  } catch (problem) {
    showProblem(problem);
  }
}

function form() {
  const made = new FormData();
  for (const [name, value] of Object.entries(schema.asked())) made.set(name, value);
  const options = { quote: freshQuote(), include: kind === "audio" ? ["segments"] : [] };
  made.set("options", JSON.stringify(options));
  made.set("file", file);
  return made;
}

async function start() {
  const mine = running = { abort: new AbortController(), key: key(), id: "" };
  clearProblem();
  clearResult();
  media.clear();
  refresh();
  cancel.hidden = false;
  cancel.focus();
  try {
    await carryOut(mine);
  } catch (problem) {
    await giveUp(mine, problem);
  }
  if (mine !== running) return;
  running = null;
  const focused = [cancel, document.body].includes(document.activeElement);
  cancel.hidden = true;
  refresh();
  if (focused) run.focus();
}

async function carryOut(mine) {
  const { signal } = mine.abort;
  showStage("uploading");
  const onProgress = (share) => showStage("uploading", { share });
  const { body: begun } = await upload(mine.key, "/v1/extractions", form(), { onProgress, signal });
  mine.id = begun.id;
  const unit = kind === "audio" ? "second" : "page";
  await follow(mine.key, mine.id, ({ progress }) => showStage(progress.stage, { ...progress, unit }), signal);
  if (signal.aborted) throw new DOMException("", "AbortError");
  const { body, left } = await call(mine.key, `/v1/extractions/${mine.id}`);
  if (mine === running) conclude(body, left);
}

function conclude(extraction, left) {
  showBalance(left);
  hideStage(`ended-${extraction.status}`);
  if (extraction.error) {
    showProblem({ code: extraction.error.code, title: say("run-failed"), detail: extraction.error.detail });
    if (extraction.media_destroyed_at) showResult(extraction);
    return;
  }
  showResult(extraction);
  media.annotate(extraction);
}

async function giveUp(mine, problem) {
  if (problem.name !== "AbortError") {
    hideStage();
    if (problem.code?.startsWith("schema_")) schema.refuse(problem);
    if (problem.code === "quote_expired") forgetPrice();
    showProblem(problem);
    return;
  }
  hideStage("ended-canceled");
  if (!mine.id) return;
  const { body, left } = await call(mine.key, `/v1/extractions/${mine.id}`, { method: "DELETE" }).catch(() => ({}));
  if (body && mine === running) {
    showBalance(left);
    showResult(body);
  }
}

function showBalance(left) {
  const option = keys.selectedOptions[0];
  if (left) option.dataset.available = left;
  const word = isTest() ? "balance-test" : "balance";
  document.getElementById("run-balance").textContent = say(word, { amount: amount(option.dataset.available) });
}
