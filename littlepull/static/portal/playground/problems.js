// What happened, what it means, what to do: from a problem document, or from how an extraction ended.
import { amount, knows, say } from "./words.js";

const place = document.getElementById("run-problem");

export function clearProblem() {
  place.replaceChildren();
  place.hidden = true;
}

export function showProblem({ code = "", title, detail = "", errors = [], rest = {} }) {
  const heading = document.createElement("h3");
  heading.textContent = title;
  place.replaceChildren(heading, paragraph(detail));
  const pointed = errors.filter(({ message }) => message !== detail);
  if (pointed.length) place.append(list(pointed));
  if (rest.required) place.append(paragraph(say("required-available", { required: amount(rest.required), available: amount(rest.available) })));
  const advice = paragraph(say(knows(`do-${code}`) ? `do-${code}` : "do-otherwise"));
  advice.className = "advice";
  place.append(advice);
  if (code === "insufficient_credits") place.append(link(place.dataset.billing, say("buy-credits")));
  if (rest.request_id) place.append(paragraph(say("request-id", { id: rest.request_id }), "quiet"));
  place.hidden = false;
}

function paragraph(text, kind = "") {
  const made = document.createElement("p");
  made.className = kind;
  made.textContent = text;
  return made;
}

function list(errors) {
  const made = document.createElement("ul");
  made.append(...errors.map(({ pointer, message }) => {
    const item = document.createElement("li");
    item.textContent = pointer ? `${pointer}: ${message}` : message;
    return item;
  }));
  return made;
}

function link(address, text) {
  const made = document.createElement("a");
  made.className = "button";
  made.href = address;
  made.textContent = text;
  return made;
}
