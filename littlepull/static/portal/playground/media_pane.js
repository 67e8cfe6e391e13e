// The media: dropped, picked, recorded or one of our samples. It is shown from here, and from nowhere else.
import { audioView } from "./audio_view.js";
import { pageView } from "./page_view.js";
import { canRecord, record } from "./recorder.js";
import { say, seconds, size } from "./words.js";

const pane = document.getElementById("media-pane");
const input = document.getElementById("media-file");
const recording = document.getElementById("media-record");
const told = document.getElementById("media-told");
const viewer = document.getElementById("media-viewer");
const samples = document.getElementById("playground").dataset;

const ENDINGS = { audio: /\.(m4a|mp3|wav|ogg|oga|opus|flac|webm|mp4|m4b)$/i, pdf: /\.pdf$/i };

export function mediaPane({ onFile, onProblem }) {
  let url = "";
  let view = null;
  let name = "";
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = ""; // so that the same file can be picked again
    if (file) show(file);
  });
  for (const [kind, path, called] of [["receipt", samples.receipt, "receipt.jpg"], ["memo", samples.memo, "voice_memo.m4a"]]) {
    document.getElementById(`sample-${kind}`).addEventListener("click", () => fetchSample(path, called));
  }
  listenForDrops();
  listenForPaste();
  if (canRecord) offerRecording();

  function show(file) {
    view?.stop?.();
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(file);
    const kind = kindOf(file);
    const area = document.createElement("div");
    viewer.replaceChildren(area);
    if (kind === "audio") view = audioView(area, file, url);
    else view = pageView(area, kind === "image" ? url : "");
    name = `${file.name} · ${size(file.size)}`;
    pane.classList.add("has-media");
    tell();
    onFile(file, kind);
  }

  function tell(more = "") {
    told.textContent = more ? `${name} · ${more}` : name;
    // How much of the pane scrolls away in one column, where the rest of it stays in view.
    pane.style.setProperty("--head", `${viewer.getBoundingClientRect().top - pane.getBoundingClientRect().top}px`);
  }

  async function fetchSample(path, called) {
    try {
      const blob = await (await fetch(path)).blob();
      show(new File([blob], called, { type: blob.type }));
    } catch {
      onProblem(say("sample-missing"));
    }
  }

  function listenForDrops() {
    const holdsFiles = (event) => event.dataTransfer.types.includes("Files");
    document.addEventListener("dragover", (event) => { if (holdsFiles(event)) { event.preventDefault(); pane.classList.add("over"); } });
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) pane.classList.remove("over"); });
    document.addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault(); // beside the pane too: the browser would leave the page for the file
      pane.classList.remove("over");
      if (event.dataTransfer.files[0]) show(event.dataTransfer.files[0]);
    });
  }

  function listenForPaste() {
    document.addEventListener("paste", (event) => {
      const file = event.clipboardData?.files[0];
      if (file) show(file);
    });
  }

  function offerRecording() {
    let running = null;
    recording.hidden = false;
    recording.addEventListener("click", async () => {
      if (running) {
        const file = await running.finish();
        running = null;
        recording.classList.remove("running");
        recording.textContent = say("record");
        show(file);
        return;
      }
      try {
        running = await record((past) => { recording.textContent = say("stop-recording", { time: seconds(past) }); });
        recording.classList.add("running");
      } catch {
        onProblem(say("no-microphone"));
      }
    });
  }

  return { annotate: (extraction) => tell(view?.annotate(extraction)), clear: () => view?.clear() };
}

function kindOf({ type, name }) {
  if (type.startsWith("audio/") || type.startsWith("video/") || (!type && ENDINGS.audio.test(name))) return "audio";
  return type === "application/pdf" || ENDINGS.pdf.test(name) ? "pdf" : "image";
}
