/** Checks of a page that run in it; each is an expression whose value is a list of what is wrong. */

/**
 * Texts, also those of drawings, with less contrast than 4.5 to 1 against the nearest background behind them (WCAG 2.1,
 * 1.4.3). Parts of a drawing behind its text count where their fill is plain.
 */
export const LOW_CONTRAST = `(() => {
  const parse = (text) => { const v = (text.match(/[\\d.]+/g) ?? []).map(Number); return [v[0] ?? 0, v[1] ?? 0, v[2] ?? 0, v[3] ?? 1]; };
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { const s = v / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const over = (front, back) => front.slice(0, 3).map((v, i) => v * front[3] + back[i] * (1 - front[3])).concat(1);
  const known = new Map([[null, [255, 255, 255, 1]]]);
  const behind = (node) => {
    if (!known.has(node)) {
      const layer = parse(getComputedStyle(node).backgroundColor);
      const back = behind(node.parentElement);
      known.set(node, layer[3] === 0 ? back : over(layer, back));
    }
    return known.get(node);
  };
  const wrong = [];
  for (const each of document.querySelectorAll('body *')) {
    const text = [...each.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent.trim()).join(' ').trim();
    if (text === '' || ['SCRIPT', 'STYLE', 'TITLE', 'NOSCRIPT', 'title'].includes(each.tagName)) continue;
    if (each.closest('.sr') !== null || each.getClientRects().length === 0) continue;
    const style = getComputedStyle(each);
    const drawn = each instanceof SVGElement;
    let back = behind(drawn ? each.ownerSVGElement : each);
    if (drawn && each.parentElement.classList.contains('bar')) {
      const box = each.getBoundingClientRect(), x = box.x + box.width / 2;
      const rect = [...each.parentElement.querySelectorAll('rect')].find((r) => { const b = r.getBoundingClientRect(); return b.left <= x && b.right >= x; });
      if (rect) back = over(parse(getComputedStyle(rect).fill), back);
    }
    const front = over(parse(drawn ? style.fill : style.color), back);
    const [a, b] = [light(front), light(back)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) wrong.push(ratio.toFixed(2) + ' ' + each.tagName + ' ' + text.slice(0, 40));
  }
  return wrong.slice(0, 20);
})()`;

/** Controls and drawings without a name, doubled ids, tables without heads, links to nowhere, skipped headings. */
export const UNLABELLED = `(() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const name = (e) => (e.getAttribute('aria-label') ?? '').trim() || (e.labels && e.labels.length > 0 ? e.labels[0].textContent.trim() : '') || e.textContent.trim();
  if (document.documentElement.lang === '') wrong.push('no language');
  if (all('h1').length !== 1) wrong.push('h1: ' + all('h1').length);
  for (const e of all('svg[role=img], [role=region], [role=group], nav')) if (!(e.getAttribute('aria-label') ?? '').trim()) wrong.push('no label: ' + e.outerHTML.slice(0, 80));
  for (const e of all('svg')) if (!e.matches('[role=img], [aria-hidden=true]') && e.closest('[role=img], [aria-hidden=true]') === null) wrong.push('drawing without role: ' + e.outerHTML.slice(0, 80));
  for (const e of all('button, input, a, summary')) if (name(e) === '') wrong.push('no name: ' + e.outerHTML.slice(0, 80));
  for (const e of all('table')) if (e.querySelector('th') === null) wrong.push('table without heads');
  for (const e of all('thead th')) if (e.scope !== 'col') wrong.push('head without scope');
  const ids = all('[id]').map((e) => e.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) wrong.push('id twice: ' + id);
  for (const e of all('[aria-labelledby]')) if (document.getElementById(e.getAttribute('aria-labelledby')) === null) wrong.push('label missing: ' + e.id);
  let level = 0;
  for (const e of all('h1, h2, h3, h4, h5')) { const next = Number(e.tagName[1]); if (next > level + 1) wrong.push('heading skipped: ' + e.textContent.slice(0, 40)); level = next; }
  for (const e of all('.scroll')) if (e.tabIndex !== 0) wrong.push('cannot be scrolled by keyboard');
  return wrong.slice(0, 20);
})()`;
