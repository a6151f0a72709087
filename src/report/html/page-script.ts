import { CHART_SCRIPT } from './chart-script.ts';

/**
 * The script of the page. It reads only what is in the page: details and rows of the table that are packed in it, and
 * the figures of the charts. Without it all text of the worst calls is there, too.
 */
export const PAGE_SCRIPT = `'use strict';
(() => {
const byId = (id) => document.getElementById(id);
const order = JSON.parse(byId('order').textContent);
const { each, rowsEach, rowBlocks } = order;
const unpack = async (id) => {
  const text = byId(id).textContent;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(plain).text()).split('\\u001e');
};
const fragment = (text, inside) => {
  const template = document.createElement('template');
  template.innerHTML = inside ? '<table><tbody>' + text + '</tbody></table>' : text;
  return inside ? [...template.content.querySelectorAll('tr')] : template.content.firstElementChild;
};
${CHART_SCRIPT}
// Details of a call: those that are not in the page yet are unpacked into #chosen.
const places = new Map(order.ids.map((id, i) => [id, i]));
let wanted = '';
const show = async (focus) => {
  const match = /^#call-([cs]\\d+)$/.exec(location.hash);
  if (match === null) return;
  const id = match[1];
  wanted = id;
  let section = byId('call-' + id);
  if (section === null) {
    if (!places.has(id)) return;
    const place = places.get(id);
    const parts = await unpack('d-' + Math.floor(place / each)).catch(() => null);
    if (wanted !== id) return;
    if (parts === null) {
      byId('chosen').textContent = 'This browser is too old to unpack ' + id + ': earshot replay --call ' + id + ' shows it as text.';
      return;
    }
    section = byId('call-' + id) || fragment(parts[place % each], false);
    byId('chosen').replaceChildren(section);
    dress(section);
  }
  section.scrollIntoView();
  if (focus) section.querySelector('h3').focus({ preventScroll: true });
};
addEventListener('hashchange', () => show(true));
addEventListener('click', (event) => {
  const bar = event.target.closest && event.target.closest('rect[data-call]');
  if (bar) { location.hash = '#call-' + bar.dataset.call; return; }
  const link = event.target.closest && event.target.closest('a[href^="#call-"]');
  if (link && link.hash === location.hash) { event.preventDefault(); show(true); }
});
// Copy buttons beside display filters.
const dress = (root) => {
  for (const code of root.querySelectorAll('code.filter')) {
    const button = document.createElement('button');
    button.className = 'copy'; button.type = 'button'; button.textContent = 'copy filter';
    button.addEventListener('click', async () => {
      try { await navigator.clipboard.writeText(code.textContent); button.textContent = 'copied'; }
      catch { getSelection().selectAllChildren(code); button.textContent = 'selected: press Ctrl+C'; }
    });
    code.after(' ', button);
  }
  for (const chart of root.querySelectorAll('.chart')) chartOf(chart);
};
// The table: sorting, finding, and the rows that are packed.
const table = byId('call-table');
if (table !== null) {
  const body = table.tBodies[0];
  const rowsOf = () => [...body.rows];
  let unpacked = 0;
  const more = byId('more');
  const tell = () => { if (more !== null) { const left = (rowBlocks - unpacked) > 0; more.hidden = !left; } };
  // One block after the other, whoever asks: nobody goes on while rows are still on their way.
  let rows = Promise.resolve();
  const moreRows = () => {
    rows = rows.then(async () => {
      if (unpacked >= rowBlocks) return;
      const parts = await unpack('r-' + unpacked).catch(() => null);
      unpacked = parts === null ? rowBlocks : unpacked + 1;
      if (parts === null) more.append(' This browser is too old to unpack them.');
      else { body.append(...fragment(parts.join(''), true)); tell(); }
    });
    return rows;
  };
  const allRows = async () => { while (unpacked < rowBlocks) await moreRows(); };
  if (more !== null) {
    const buttons = [['Show ' + rowsEach + ' more', moreRows], ['Show all', allRows]];
    for (const [name, act] of buttons) {
      const button = document.createElement('button');
      button.type = 'button'; button.textContent = name; button.addEventListener('click', act);
      more.append(' ', button);
    }
  }
  byId('find').hidden = false;
  let busy = 0;
  const find = async () => {
    const mine = ++busy;
    const words = byId('query').value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    if (words.length > 0) await allRows();
    if (mine !== busy) return;
    let found = 0;
    for (const row of rowsOf()) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) found++;
    }
    byId('matches').textContent = words.length === 0 ? '' : found + (found === 1 ? ' call' : ' calls');
  };
  byId('query').addEventListener('input', find);
  byId('find').addEventListener('submit', (event) => { event.preventDefault(); find(); });
  const heads = [...table.tHead.rows[0].cells];
  const keyOf = (row, i) => {
    const cell = row.cells[i];
    return cell.dataset.v === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.v);
  };
  const sort = async (i, head) => {
    await allRows();
    const down = head.getAttribute('aria-sort') === 'ascending';
    for (const other of heads) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const sign = down ? -1 : 1;
    const keyed = rowsOf().map((row) => [keyOf(row, i), row]);
    const collator = new Intl.Collator('en', { numeric: true });
    keyed.sort(([a], [b]) => sign * (typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))));
    body.append(...keyed.map(([, row]) => row));
  };
  heads.forEach((head, i) => {
    const button = document.createElement('button');
    button.type = 'button'; button.textContent = head.textContent; button.title = 'sort';
    button.addEventListener('click', () => sort(i, head));
    head.replaceChildren(button);
  });
}
addEventListener('beforeprint', () => { for (const each of document.querySelectorAll('details')) each.open = true; });
dress(document);
if (location.hash !== '') show(false);
})();
`;
