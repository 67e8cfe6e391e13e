// A recording: its waveform with the seconds that values were said in, the player, and what was said when.
import { citations, draw } from "./drawing.js";
import { onPoint, point } from "./pointing.js";
import { say, seconds } from "./words.js";

const WIDTH = 600;
const HEIGHT = 72;
const BARS = 200;
const LARGEST_DRAWN = 40e6;
const LINGER = 250; // milliseconds before a field that is pointed at in passing is played

export function audioView(root, file, url) {
  const audio = new Audio(url);
  audio.controls = true;
  audio.preload = "metadata";
  const wave = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "wave", "aria-hidden": "true" });
  const [marks, bars, head] = [draw("g"), draw("path", { class: "bars" }), draw("rect", { class: "head", width: 1.5, height: HEIGHT, x: 0 })];
  wave.append(bars, marks, head);
  const said = document.createElement("ol");
  said.className = "segments";
  const [hover, label] = playOnHover();
  root.replaceChildren(wave, audio, label, said);

  let length = 0;
  let until = Infinity;
  let lingering = 0;
  let seeking = false;
  let places = [];
  measure();
  audio.addEventListener("timeupdate", follow);
  wave.addEventListener("click", ({ offsetX }) => { until = Infinity; audio.currentTime = offsetX / wave.clientWidth * length; });
  onPoint("media", light);

  async function measure() {
    audio.addEventListener("loadedmetadata", () => {
      if (Number.isFinite(audio.duration)) setLength(audio.duration);
      else seekEnd(); // what a browser has just recorded does not say how long it is
    });
    audio.addEventListener("durationchange", () => {
      if (!Number.isFinite(audio.duration) || !seeking) return;
      seeking = false;
      audio.currentTime = 0;
      setLength(audio.duration);
    });
    if (file.size > LARGEST_DRAWN) return;
    try {
      const context = new OfflineAudioContext(1, 1, 8000);
      const sound = await context.decodeAudioData(await file.arrayBuffer());
      setLength(sound.duration);
      bars.setAttribute("d", outline(sound.getChannelData(0)));
    } catch {
      bars.setAttribute("d", `M0 ${HEIGHT / 2}H${WIDTH}`); // a format that this browser cannot decode: a plain line of time
    }
  }

  function seekEnd() {
    seeking = true;
    audio.currentTime = 1e7;
  }

  function setLength(value) {
    length = value;
    drawMarks();
  }

  function playOnHover() {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    const text = document.createElement("label");
    text.className = "quiet";
    text.append(box, say("play-on-hover"));
    return [box, text];
  }

  function annotate(extraction) {
    places = citations(extraction).filter(({ start }) => start !== undefined && start !== null);
    marks.replaceChildren();
    drawMarks();
    said.replaceChildren(...(extraction.segments ?? []).map(segment));
  }

  function drawMarks() {
    if (!length) return;
    marks.replaceChildren(...places.map(({ pointer, start, end }) => {
      const x = start / length * WIDTH;
      const mark = draw("rect", { class: "box", "data-pointer": pointer, x, y: 0, height: HEIGHT, width: Math.max(3, (end - start) / length * WIDTH) });
      mark.addEventListener("pointermove", () => point(pointer, "media"));
      mark.addEventListener("click", (event) => { event.stopPropagation(); point(pointer, "media", true); play(start, end); });
      return mark;
    }));
  }

  function segment({ start, end, text }) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    const time = document.createElement("span");
    time.className = "quiet";
    time.textContent = seconds(start);
    button.append(time, ` ${text}`);
    button.addEventListener("click", () => play(start, end));
    item.dataset.start = start;
    item.dataset.end = end;
    item.append(button);
    return item;
  }

  function light(pointer, from, settled) {
    for (const mark of marks.children) mark.classList.toggle("lit", mark.dataset.pointer === pointer);
    clearTimeout(lingering);
    const place = places.filter((one) => one.pointer === pointer).sort((one, other) => one.start - other.start)[0];
    if (from === "media" || !place || !(settled || hover.checked)) return;
    lingering = setTimeout(() => play(place.start, place.end), settled ? 0 : LINGER);
  }

  function play(start, end) {
    until = end + 0.15;
    audio.currentTime = Math.max(0, start - 0.1);
    audio.play().catch(() => {}); // browsers play nothing before the page was touched once
  }

  function follow() {
    if (audio.currentTime >= until) {
      audio.pause();
      until = Infinity;
    }
    if (length) head.setAttribute("x", audio.currentTime / length * WIDTH);
    for (const item of said.children) item.classList.toggle("lit", !audio.paused && audio.currentTime >= item.dataset.start && audio.currentTime < item.dataset.end);
  }

  return { annotate, clear: () => annotate({}), stop: () => audio.pause() };
}

// The loudest of each stretch, up and down from the middle.
function outline(samples) {
  const each = Math.max(1, Math.floor(samples.length / BARS));
  const peaks = Array.from({ length: BARS }, (_, bar) => {
    let peak = 0;
    for (let at = bar * each; at < Math.min((bar + 1) * each, samples.length); at += 4) peak = Math.max(peak, Math.abs(samples[at]));
    return peak;
  });
  const loudest = Math.max(...peaks, 0.01);
  return peaks.map((peak, bar) => {
    const tall = Math.max(1, peak / loudest * (HEIGHT - 6));
    return `M${(bar + 0.5) * WIDTH / BARS} ${(HEIGHT - tall) / 2}v${tall}`;
  }).join("");
}
