// Costs by day as stacked bars. The figures are in the page: without this the table beside tells them.

const WIDEST_BAR = 44; // pixels, where there are few days
let plot = null;

function read() {
  const holder = document.querySelector("#cost-data");
  return holder ? JSON.parse(holder.textContent) : null;
}

function colourOf(selector, property = "color") {
  const element = document.querySelector(selector);
  return element ? getComputedStyle(element)[property] : "currentcolor";
}

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// Each series is drawn from the bottom to its own top, the tallest first: what stays visible is its share.
function pileUp(rows) {
  const tops = [];
  rows.forEach((row, place) => tops.push(row.map((value, day) => value + (place ? tops[place - 1][day] : 0))));
  return tops;
}

const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumSignificantDigits: 3 });
const exact = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });

function label(period) {
  return period.length === 10 ? period.slice(5) : period; // the year is in the heading
}

function draw() {
  plot?.destroy();
  plot = null;
  const box = document.querySelector("#cost-chart");
  const data = read();
  if (!box || !data || !window.uPlot) return;
  const tops = pileUp(data.credits);
  const axis = { stroke: token("--lp-quiet"), font: "12px system-ui, sans-serif", ticks: { show: false } };
  const bars = window.uPlot.paths.bars({ size: [0.72, WIDEST_BAR], radius: 0 });
  const series = tops.map((_, place) => {
    const colour = colourOf(`#cost-legend .shade-${place + 1}`);
    return { label: data.names[place], fill: colour, stroke: token("--lp-ground"), width: data.periods.length > 45 ? 0 : 1, paths: bars, points: { show: false } };
  });
  plot = new window.uPlot({
    width: box.clientWidth,
    height: box.clientHeight,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [-0.5, data.periods.length - 0.5] }, y: { range: (_, __, most) => [0, most * 1.05 || 1] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, values: (_, places) => places.map((place) => (Number.isInteger(place) ? label(data.periods[place] ?? "") : "")), space: 64, incrs: [1, 2, 3, 5, 7, 10, 14, 30, 60] },
      { ...axis, grid: { stroke: token("--lp-line"), width: 1 }, values: (_, values) => values.map((value) => short.format(value)), size: 48 },
    ],
    series: [{}, ...series.toReversed()],
    hooks: { setCursor: [(chart) => tell(data, chart.cursor.idx)] },
  }, [data.periods.map((_, place) => place), ...tops.toReversed()], box);
}

// The day under the pointer, in the legend; away from the chart, all of them.
function tell(data, day) {
  const when = document.querySelector("#cost-when");
  if (!when) return;
  when.textContent = day == null ? when.dataset.all : data.periods[day];
  document.querySelectorAll("#cost-legend .amount").forEach((amount, place) => {
    amount.dataset.all ??= amount.textContent;
    amount.textContent = day == null ? amount.dataset.all : exact.format(data.credits[place][day]);
  });
}

let width = 0;
const watcher = new ResizeObserver(([entry]) => {
  if (plot && Math.abs(entry.contentRect.width - width) > 1) plot.setSize({ width: entry.contentRect.width, height: 240 });
  width = entry.contentRect.width;
});

function begin() {
  draw();
  watcher.disconnect();
  const box = document.querySelector("#cost-chart");
  if (box) watcher.observe(box);
}

document.addEventListener("htmx:after:swap", (event) => {
  if (event.target instanceof Element && event.target.closest("#latest")) return;
  begin();
});
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
begin();
