// What a run would cost at most, asked before it is begun; and the token that keeps that price for the run.
import { call } from "./api.js";
import { amount, say } from "./words.js";

const STALE = 13 * 60_000; // a quote lasts fifteen minutes
const told = document.getElementById("run-price");
let quote = null;
let asking = null;

export function forgetPrice() {
  asking?.abort();
  quote = null;
  told.textContent = "";
}

// Raises the Problem for a file that would be refused: better now than after the upload.
export async function askPrice(key, file, isTest) {
  forgetPrice();
  const mine = asking = new AbortController();
  told.textContent = say("pricing");
  const form = new FormData();
  form.set("file", file);
  try {
    const { body } = await call(key, "/v1/extractions/quote", { method: "POST", form, signal: mine.signal });
    quote = { token: body.quote, at: Date.now() };
    told.textContent = isTest ? say("price-test") : say("price-most", { amount: amount(body.credits) });
  } catch (problem) {
    if (problem.name === "AbortError") return;
    told.textContent = "";
    throw problem;
  }
}

export function freshQuote() {
  return quote && Date.now() - quote.at < STALE ? quote.token : undefined;
}
