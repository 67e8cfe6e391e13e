// Tabs that show panels of the same page, by the keyboard as by the mouse.
export function tabs(list, onShow) {
  const all = [...list.querySelectorAll('[role="tab"]')];

  function show(chosen) {
    for (const tab of all) {
      const selected = tab === chosen;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !selected;
    }
    onShow?.(chosen.id);
  }

  list.addEventListener("click", (event) => { const tab = event.target.closest('[role="tab"]'); if (tab) show(tab); });
  list.addEventListener("keydown", (event) => {
    const turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!turn) return;
    event.preventDefault();
    const next = all[(all.indexOf(document.activeElement) + turn + all.length) % all.length];
    next.focus();
    show(next);
  });
}
