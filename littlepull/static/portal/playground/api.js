// The public API, as a customer calls it; with a page ticket, which lives in this variable only, for a key.
import { csrf } from "../../littlepull/page.js";
import { say } from "./words.js";

const ticketUrl = document.getElementById("playground").dataset.ticketUrl;
let held = null;

export class Problem extends Error {
  constructor({ code, title, detail, errors = [], ...rest }) {
    super(title);
    Object.assign(this, { code, title, detail, errors, rest });
  }
}

export function forgetTicket() {
  held = null;
}

async function ticket(key, again = true) {
  if (held?.key === key && held.until - Date.now() > 60_000) return held.token;
  const request = { method: "POST", headers: { "X-CSRFToken": csrf() }, body: new URLSearchParams({ key }), redirect: "manual" };
  const answer = await fetch(ticketUrl, request).catch(() => { throw unreachable(); });
  if (answer.status === 403 && again && await renewForgeryToken()) return ticket(key, false);
  if (!answer.ok) throw signedOut(answer.status);
  const { token, expires_at: until } = await answer.json();
  held = { key, token, until: Date.parse(until) };
  return token;
}

// Whoever has signed in again in another tab has another session, whose token this page has yet to learn.
async function renewForgeryToken() {
  const text = await fetch(location.pathname).then((answer) => answer.text()).catch(() => { throw unreachable(); });
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector('meta[name="csrf"]');
  if (fresh) document.querySelector('meta[name="csrf"]').content = fresh.content;
  return Boolean(fresh);
}

function signedOut(status) {
  const code = status === 404 ? "key_gone" : "signed_out";
  return new Problem({ code, title: say(`${code}-title`), detail: say(`${code}-detail`) });
}

function unreachable() {
  return new Problem({ code: "unreachable", title: say("unreachable-title"), detail: say("unreachable-detail") });
}

function refusal(text) {
  try {
    return new Problem(JSON.parse(text));
  } catch {
    return unreachable(); // not ours: a proxy's page, or nothing
  }
}

// One request; a ticket that is refused is fetched again, once.
export async function call(key, path, { method = "GET", json, form, signal } = {}, again = true) {
  const headers = { Authorization: `Bearer ${await ticket(key)}` };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  const body = json !== undefined ? JSON.stringify(json) : form;
  const answer = await fetch(path, { method, headers, body, signal, credentials: "omit" }).catch((error) => {
    throw error.name === "AbortError" ? error : unreachable();
  });
  if (answer.status === 401 && again) {
    forgetTicket();
    return call(key, path, { method, json, form, signal }, false);
  }
  if (!answer.ok) throw refusal(await answer.text());
  const told = { left: answer.headers.get("X-Credits-Remaining") };
  return { ...told, body: answer.status === 204 ? null : await answer.json() };
}

// fetch() tells nothing of how far an upload has come, so this one is an XMLHttpRequest.
export async function upload(key, path, form, { onProgress, signal } = {}, again = true) {
  const token = await ticket(key);
  const request = new XMLHttpRequest();
  const ended = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    request.onload = resolve;
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
  });
  request.open("POST", path);
  request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.send(form);
  await ended;
  if (request.status === 401 && again) {
    forgetTicket();
    return upload(key, path, form, { onProgress, signal }, false);
  }
  if (request.status >= 300) throw refusal(request.responseText);
  return { left: request.getResponseHeader("X-Credits-Remaining"), body: JSON.parse(request.responseText) };
}

// Every event of an extraction to `onEvent`, until its last; over a line that broke, from where it broke.
export async function follow(key, id, onEvent, signal) {
  let after = 0;
  for (let failures = 0; failures < 3 && !signal.aborted; failures += 1) {
    const ended = await listen(key, id, after, (event) => { after = event.sequence; failures = 0; onEvent(event); }, signal);
    if (ended) return;
    await new Promise((resolve) => { setTimeout(resolve, 300 * 2 ** failures); });
  }
  while (!signal.aborted) { // no WebSocket gets through here: ask now and then
    const { body } = await call(key, `/v1/extractions/${id}`);
    if (body.finished_at) return;
    onEvent({ type: "progress", progress: body.progress });
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
  }
}

async function listen(key, id, after, onEvent, signal) {
  const address = new URL(`/ws/extractions/${id}?after=${after}`, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address, ["lp.v1", `lp.key.${await ticket(key)}`]);
  signal.addEventListener("abort", () => socket.close());
  let ended = false;
  socket.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    ended = event.type !== "progress";
    onEvent(event);
  };
  await new Promise((resolve) => { socket.onclose = resolve; });
  return ended || signal.aborted;
}
