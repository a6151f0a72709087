/**
 * What the page's script does with one chart: zoom by keys, buttons, dragging, and a cursor that reads values. All plots
 * of a chart share one span of time; a plot is zoomed by its viewBox, labels are put at their new places.
 */
export const CHART_SCRIPT = `
const after = (seconds) => {
  if (seconds < 60) return '+' + Math.round(seconds * 1000) / 1000 + ' s';
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60), rest = String(whole % 60).padStart(2, '0');
  return minutes < 60 ? '+' + minutes + ':' + rest : '+' + Math.floor(minutes / 60) + ':' + String(minutes % 60).padStart(2, '0') + ':' + rest;
};
const steps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
const svgNode = (name, attributes) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
};
const chartOf = (chart) => {
  if (chart.dataset.ready) return;
  chart.dataset.ready = 'yes';
  const data = JSON.parse(chart.dataset.chart);
  const plots = chart.querySelector('.plots');
  const readout = chart.querySelector('.readout');
  const surfaces = [...chart.querySelectorAll('svg.plot')];
  const lanes = [...chart.querySelectorAll('svg.lanes')];
  const axis = chart.querySelector('svg.xaxis');
  let from = 0, to = 1, cursor = -1;
  const least = Math.min(1, 200 / Math.max(1, data.lengthMs));
  const percent = (v) => Math.round(v * 100000) / 1000 + '%';
  const draw = () => {
    const width = to - from;
    for (const plot of surfaces) {
      const height = plot.viewBox.baseVal.height;
      plot.setAttribute('viewBox', from * 1000 + ' 0 ' + width * 1000 + ' ' + height);
    }
    for (const lane of lanes) for (const item of lane.children) {
      const at = (Number(item.dataset.f) - from) / width;
      if (item.localName === 'text') {
        // A label stays in sight while what it names is.
        const end = (Number(item.dataset.t) - from) / width;
        item.setAttribute('x', percent(end > 0.02 ? Math.max(0, at) : at));
        continue;
      }
      const until = (Number(item.dataset.t) - from) / width;
      const [left, right] = [Math.max(-0.1, at), Math.min(1.1, until)];
      item.setAttribute('x', percent(left));
      item.setAttribute('width', percent(Math.max(right - left, right < left ? 0 : 0.002)));
    }
    const lengthS = data.lengthMs / 1000 * width, startS = data.lengthMs / 1000 * from;
    const step = steps.find((each) => lengthS / each <= 7) || 86400 * Math.ceil(lengthS / 7 / 86400);
    axis.replaceChildren();
    for (let mark = Math.ceil(startS / step) * step; mark <= startS + lengthS * 1.0001; mark += step) {
      const at = lengthS === 0 ? 0 : (mark - startS) / lengthS;
      const text = svgNode('text', { x: percent(at), y: 13, 'text-anchor': at < 0.02 ? 'start' : at > 0.98 ? 'end' : 'middle' });
      text.textContent = after(Math.round(mark * 1000) / 1000);
      axis.append(text);
    }
    drawCursor();
  };
  const zoom = (a, b) => {
    const width = Math.min(1, Math.max(least, b - a));
    from = Math.min(1 - width, Math.max(0, a + (b - a - width) / 2));
    to = from + width;
    draw();
  };
  const drawCursor = () => {
    for (const plot of surfaces) {
      const old = plot.querySelector('.cursor');
      if (old !== null) old.remove();
      if (cursor >= 0) plot.append(svgNode('path', { class: 'cursor', d: 'M' + cursor * 1000 + ' 0V' + plot.viewBox.baseVal.height }));
    }
  };
  const value = (v, unit, scale) => v === null ? '-' : Math.round(v * scale * 100) / 100 + unit;
  const read = (at) => {
    cursor = Math.min(1, Math.max(0, at));
    const ms = cursor * data.lengthMs;
    const texts = [after(Math.round(ms) / 1000)];
    for (const { name, rows } of data.series) {
      const row = rows.find(([start, length]) => ms >= start && ms < start + length);
      if (row === undefined) continue;
      texts.push(name + ': MOS ' + value(row[6], '', 1) + ', loss ' + value(row[2], ' %', 100) + ', discard ' + value(row[3], ' %', 100) + ', jitter ' + value(row[4], ' ms', 1) + ', PDV p95 ' + value(row[5], ' ms', 1));
    }
    readout.textContent = texts.join(' | ');
    drawCursor();
  };
  const placeAt = (event) => {
    const box = surfaces[0].getBoundingClientRect();
    return from + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (to - from);
  };
  let pressed = -1;
  for (const surface of [...surfaces, ...lanes]) {
    surface.addEventListener('pointerdown', (event) => { pressed = placeAt(event); });
    surface.addEventListener('pointermove', (event) => { if (surfaces.length > 0) read(placeAt(event)); });
    surface.addEventListener('dblclick', () => zoom(0, 1));
  }
  addEventListener('pointerup', (event) => {
    if (pressed < 0 || surfaces.length === 0) return;
    const at = placeAt(event), start = pressed;
    pressed = -1;
    if (Math.abs(at - start) > (to - from) * 0.01) zoom(Math.min(at, start), Math.max(at, start));
  });
  const middle = () => cursor >= from && cursor <= to ? cursor : (from + to) / 2;
  const by = (factor) => { const width = (to - from) * factor, at = middle(); zoom(at - width / 2, at + width / 2); };
  const move = (share) => { const width = to - from; const a = Math.min(1 - width, Math.max(0, from + share * width)); zoom(a, a + width); };
  const actions = { '+': () => by(0.5), '-': () => by(2), '0': () => zoom(0, 1), PageUp: () => move(-0.5), PageDown: () => move(0.5), Home: () => read(0), End: () => read(1) };
  plots.tabIndex = 0;
  plots.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const step = (to - from) / 50 * (event.key === 'ArrowLeft' ? -1 : 1);
      read((cursor < 0 ? from : cursor) + step);
      if (cursor < from || cursor > to) zoom(cursor - (to - from) / 2, cursor + (to - from) / 2);
    } else if (actions[event.key] !== undefined) actions[event.key]();
    else return;
    event.preventDefault();
  });
  const tools = chart.querySelector('.tools');
  for (const [sign, name, act] of [['+', 'Zoom in', () => by(0.5)], ['\\u2212', 'Zoom out', () => by(2)], ['\\u2190', 'Earlier', () => move(-0.5)], ['\\u2192', 'Later', () => move(0.5)], ['all', 'all of the time', () => zoom(0, 1)]]) {
    const button = document.createElement('button');
    button.type = 'button'; button.textContent = sign; button.setAttribute('aria-label', name); button.title = name;
    button.addEventListener('click', act);
    tools.append(button, ' ');
  }
  readout.textContent = 'Drag to zoom, double-click for all; with the keyboard: arrows read values, + and - zoom, 0 shows all.';
};
`;
