// Pages with boxes where the values stand: the picture itself, or an outline where browsers cannot show the file.
import { citations, draw } from "./drawing.js";
import { onPoint, point } from "./pointing.js";
import { say } from "./words.js";

const ZOOMS = [1, 1.5, 2, 3, 4];

export function pageView(root, url) {
  const stack = document.createElement("div");
  stack.className = "pages";
  const frame = document.createElement("div");
  frame.className = "page-frame";
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", say("pages-label"));
  frame.append(stack);
  let zoom = 0;
  let seen = false;
  if (url) showPicture();
  root.replaceChildren(zoomButtons(), frame);
  onPoint("media", light);

  function showPicture() {
    const figure = document.createElement("figure");
    const image = document.createElement("img");
    image.alt = say("picture-label");
    image.onload = () => { seen = true; };
    image.onerror = () => stack.replaceChildren(remark("no-picture"));
    image.src = url;
    figure.append(image, overlay(1, 1, true));
    stack.append(figure);
  }

  function overlay(width, height, laid) {
    const attributes = { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", class: laid ? "laid" : "outline" };
    return draw("svg", laid ? { ...attributes, preserveAspectRatio: "none" } : attributes);
  }

  function zoomButtons() {
    const bar = document.createElement("div");
    bar.className = "zoom";
    for (const [sign, by, word] of [["−", -1, "zoom-out"], ["+", 1, "zoom-in"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small";
      button.textContent = sign;
      button.setAttribute("aria-label", say(word));
      button.addEventListener("click", () => setZoom(zoom + by));
      bar.append(button);
    }
    return bar;
  }

  function setZoom(to) {
    zoom = Math.min(Math.max(to, 0), ZOOMS.length - 1);
    stack.style.setProperty("--zoom", ZOOMS[zoom]);
    stack.querySelector(".lit")?.scrollIntoView({ block: "center", inline: "center" });
  }

  // Answers what there is to say of how the pages are shown.
  function annotate(extraction) {
    const cited = citations(extraction).filter(({ bbox }) => bbox);
    if (url && seen) {
      stack.querySelector("svg").replaceChildren(...cited.filter(({ page }) => page === 1).map((one) => box(one, 1, 1)));
      return "";
    }
    const pages = (extraction.pages ?? []).map((page) => outline(page, cited.filter((one) => one.page === page.page)));
    stack.replaceChildren(...pages);
    return say("outline-remark");
  }

  // A page as an empty sheet of its shape, with the words that were cited where they stand.
  function outline({ page, width = 210, height = 297, error }, cited) {
    const figure = document.createElement("figure");
    const sheet = overlay(width, height, false);
    sheet.append(draw("rect", { class: "sheet", width, height }));
    sheet.append(...cited.flatMap((one) => [words(one, width, height), box(one, width, height)]));
    const caption = document.createElement("figcaption");
    caption.textContent = say(error ? "page-unread" : "page-number", { page });
    figure.append(sheet, caption);
    return figure;
  }

  function words({ bbox: [x0, y0, x1, y1], text }, width, height) {
    const tall = (y1 - y0) * height;
    const attributes = { x: x0 * width, y: y1 * height - tall * 0.22, "font-size": tall * 0.8, textLength: (x1 - x0) * width, lengthAdjust: "spacingAndGlyphs" };
    return draw("text", attributes, text);
  }

  function box({ pointer, bbox: [x0, y0, x1, y1] }, width, height) {
    const grow = 0.004; // a little air around the letters
    const rectangle = draw("rect", {
      class: "box", "data-pointer": pointer, "vector-effect": "non-scaling-stroke",
      x: (x0 - grow) * width, y: (y0 - grow / 2) * height, width: (x1 - x0 + 2 * grow) * width, height: (y1 - y0 + grow) * height,
    });
    rectangle.addEventListener("pointermove", () => point(pointer, "media"));
    rectangle.addEventListener("click", () => point(pointer, "media", true));
    return rectangle;
  }

  function light(pointer, from) {
    for (const one of stack.querySelectorAll(".box")) one.classList.toggle("lit", one.dataset.pointer === pointer);
    if (from !== "media") bringIntoView(stack.querySelector(".lit"));
  }

  function bringIntoView(lit) {
    if (!lit) return;
    const [inner, outer] = [lit.getBoundingClientRect(), frame.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom) frame.scrollTop += (inner.top + inner.bottom) / 2 - (outer.top + outer.bottom) / 2;
    if (inner.left < outer.left || inner.right > outer.right) frame.scrollLeft += (inner.left + inner.right) / 2 - (outer.left + outer.right) / 2;
  }

  function remark(word) {
    const told = document.createElement("p");
    told.className = "quiet";
    told.textContent = say(word);
    return told;
  }

  function clear() {
    stack.querySelectorAll(".box").forEach((one) => one.remove());
  }

  if (!url) stack.append(remark("pdf-remark"));
  return { annotate, clear };
}
