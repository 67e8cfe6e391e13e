// The fields of the receipt, lit in turn once, and then whichever is pointed at. Without scripts all of it is there.
const STEP = 330; // ms; fourteen of them stay under the five seconds after which movement needs a way to stop it

const hero = document.querySelector(".hero");
const caption = document.querySelector("#pointed");
const sure = document.documentElement.lang === "fr" ? "sûr à" : "sure to";
const all = [...hero.querySelectorAll("[data-pointer]")];
const pointers = [...new Set([...hero.querySelectorAll("span[data-pointer]")].map((one) => one.dataset.pointer))];

function light(pointer) {
  for (const one of all) one.classList.toggle("lit", one.dataset.pointer === pointer);
  const box = hero.querySelector(`rect[data-pointer="${CSS.escape(pointer ?? "")}"]`);
  caption.textContent = box ? `${pointer} · ${sure} ${Math.round(box.dataset.sure * 100)} %` : "\u00a0";
}

let playing = 0;

function stop() {
  clearTimeout(playing);
  for (const one of all) one.classList.remove("waiting");
}

function play(next = 0) {
  if (next === pointers.length) return light(null);
  for (const one of all) if (one.dataset.pointer === pointers[next]) one.classList.remove("waiting");
  light(pointers[next]);
  playing = setTimeout(play, STEP, next + 1);
}

hero.addEventListener("pointerover", (event) => {
  const over = event.target.closest("[data-pointer]");
  if (over) { stop(); light(over.dataset.pointer); }
});
hero.addEventListener("pointerout", (event) => { if (event.target.closest("[data-pointer]")) light(null); });

if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
  for (const one of all) one.classList.add("waiting");
  play();
}
