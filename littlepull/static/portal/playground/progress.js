// How far a run has come: one thin line, and the stage's name for everybody, also for whoever only listens.
import { percent, say } from "./words.js";

const STAGES = ["uploading", "received", "decoding", "recognizing", "mapping", "done"];
const line = document.getElementById("run-line");
const name = document.getElementById("run-stage");

export function showStage(stage, { done = 0, total = 0, share = 0, unit = "page" } = {}) {
  line.hidden = false;
  const within = share || (total ? done / total : 0);
  line.max = STAGES.length - 1;
  line.value = STAGES.indexOf(stage) + Math.min(within, 1);
  const told = [say(`stage-${stage}`)];
  if (stage === "uploading") told.push(percent(share));
  if (stage === "recognizing" && total > 1 && unit === "page") told.push(say("page-of", { done: Math.min(done + 1, total), total }));
  const text = told.join(" · ");
  if (name.textContent !== text) name.textContent = text;
}

export function hideStage(word = "") {
  line.hidden = true;
  name.textContent = word ? say(word) : "";
}
