// Why streams are rows and not columns (docs/decisions/0003-stream-rows.md): the same forty fields per stream,
// sixteen doubles and twenty-four integers, updated once per packet in shuffled order, as forty typed arrays and as
// two flat arrays of rows.   npm run bench:layout
const CAPACITY = 32_768;
const DOUBLES = 16;
const INTEGERS = 24;
const UPDATES = 5e6;

const list = (count, make) => Array.from({ length: count }, (_, k) => make(k)).join('');

function build(declarations, body) {
  return new Function(
    `${declarations}return (order, rounds) => { for (let r = 0; r < rounds; r++) for (let q = 0; q < order.length; q++) { const s = order[q]; const x = r * 0.5; const y = q; ${body} } };`,
  )();
}

const layouts = {
  columns: () =>
    build(
      list(DOUBLES, (k) => `const f${k} = new Float64Array(${CAPACITY});`) +
        list(INTEGERS, (k) => `const i${k} = new Int32Array(${CAPACITY});`),
      list(DOUBLES, (k) => `f${k}[s] = f${k}[s] * 0.9375 + x;`) +
        list(INTEGERS, (k) => `i${k}[s] = (i${k}[s] + y) | 0;`),
    ),
  rows: () =>
    build(
      `const F = new Float64Array(${CAPACITY * 16}); const I = new Int32Array(${CAPACITY * 32});`,
      `const fb = s << 4; const ib = s << 5;` +
        list(DOUBLES, (k) => `F[fb + ${k}] = F[fb + ${k}] * 0.9375 + x;`) +
        list(INTEGERS, (k) => `I[ib + ${k}] = (I[ib + ${k}] + y) | 0;`),
    ),
};

function shuffled(count) {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let state = 12_345;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

for (const streams of [200, 2000, 20_000]) {
  const order = shuffled(streams);
  const cost = {};
  for (const [name, make] of Object.entries(layouts)) {
    const update = make();
    update(order, Math.ceil(1e6 / streams));
    const startedAt = performance.now();
    update(order, Math.ceil(UPDATES / streams));
    cost[name] = ((performance.now() - startedAt) * 1e6) / UPDATES;
  }
  process.stdout.write(
    `${String(streams).padStart(6)} streams: columns ${cost.columns.toFixed(0)} ns, rows ${cost.rows.toFixed(0)} ns per update, ratio ${(cost.columns / cost.rows).toFixed(1)}\n`,
  );
}
