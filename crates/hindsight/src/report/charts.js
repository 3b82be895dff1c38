// Draws the report's charts from the columns inside the page, and pages through its trades.
// It asks nothing of any network and keeps nothing.
(() => {
"use strict";

const CANDLES_SHOWN = 360;
const LINES_SHOWN = 150;
const ROWS_SHOWN = 25;
const coarse = matchMedia("(pointer: coarse)").matches;
const narrow = () => window.innerWidth <= 760;

const parsed = new Map();
const read = id => {
  if (!parsed.has(id)) parsed.set(id, JSON.parse(document.getElementById(id).textContent));
  return parsed.get(id);
};
const all = query => [...document.querySelectorAll(query)];
const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

// Numbers, written as the tables write them.
const MINUS = "\u2212", NBSP = "\u00a0";
const plain = (x, digits) => {
  const text = Math.abs(x).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (x < 0 && /[1-9]/.test(text) ? MINUS : "") + text;
};
const signed = (x, digits) => { const text = plain(x, digits); return x > 0 && /[1-9]/.test(text) ? "+" + text : text; };
const percent = x => signed(100 * x, 1) + NBSP + "%";
const percentOf = x => plain(100 * x, 1) + NBSP + "%";
const minute = ms => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
const day = ms => new Date(ms).toISOString().slice(0, 10);
const spoken = name => name.replaceAll("_", " ");
// plotly reads a little markup in labels; text from data must stay text.
const inert = text => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const tone = x => (x > 0 ? "gain" : x < 0 ? "loss" : "even");
const clip = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);

// What every chart shares.
const config = { displaylogo: false, showTips: false, responsive: true, scrollZoom: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"], displayModeBar: coarse || narrow() ? false : "hover" };
const axis = more => ({ color: colour("muted-text"), gridcolor: colour("line"), linecolor: colour("line"), zeroline: false, automargin: false, ...more });
const timeAxis = more => axis({ type: "date", hoverformat: "%Y-%m-%d %H:%M UTC", showgrid: false, ...more });
const layout = more => ({
  autosize: true, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
  font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour("ink") },
  hoverlabel: { bgcolor: colour("paper"), bordercolor: colour("muted"), font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour("ink") }, align: "left" },
  modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("muted"), activecolor: colour("ink") },
  dragmode: coarse ? false : "zoom", ...more,
});
const title = text => ({ text, font: { size: 13, color: colour("muted-text") }, standoff: 8 });
const rule = (y, more) => ({ type: "line", xref: "paper", x0: 0, x1: 1, y0: y, y1: y, layer: "below", line: { width: 1, color: colour("muted") }, ...more });
const moment = x => (typeof x === "number" ? x : Date.parse((x.length > 10 ? x.slice(0, 23).replace(" ", "T") + "Z" : x)));

// The first place in an ordered column that is not before `value`.
function placeOf(column, value) {
  let low = 0, high = column.length;
  while (low < high) { const mid = (low + high) >> 1; if (column[mid] < value) low = mid + 1; else high = mid; }
  return low;
}
function extent(columns, from, to) {
  let low = Infinity, high = -Infinity;
  for (const column of columns) for (let i = from; i < to; i++) {
    if (column[i] === null) continue;
    if (column[i] < low) low = column[i];
    if (column[i] > high) high = column[i];
  }
  return low > high ? [0, 1] : [low, high];
}
const padded = ([low, high], by = 0.06) => { const pad = (high - low) * by || Math.abs(high) * 0.01 || 1; return [low - pad, high + pad]; };

// Labels at the ends of lines, moved apart until none covers another.
function endLabels(ends, range, height, gap) {
  const y = value => (value - range[0]) / (range[1] - range[0]) * height;
  const placed = ends.map(end => ({ ...end, at: y(end.value), want: y(end.value) })).sort((a, b) => a.at - b.at);
  for (let i = 1; i < placed.length; i++) placed[i].at = Math.max(placed[i].at, placed[i - 1].at + gap);
  for (let i = placed.length - 1, top = height - gap / 2 + 8; i >= 0; i--, top = placed[i + 1] ? placed[i + 1].at - gap : top) placed[i].at = Math.min(placed[i].at, top);
  return placed.map(label => ({
    xref: "paper", x: 1, xanchor: "left", xshift: 6, yref: label.yref, y: label.value, yshift: label.at - label.want,
    showarrow: false, align: "left", font: { size: 12, color: colour(label.colour) }, text: `${label.name}<br>${label.text}`,
  }));
}

// Equity above, drawdown below, on one time axis.
const falls = column => { let peak = -Infinity; return column.map(x => (peak = Math.max(peak, x), peak > 0 ? Math.min(0, x / peak - 1) : 0)); };
function equityParts() {
  const e = read("equity-data");
  if (!e.fall) { e.fall = falls(e.equity); e.heldFall = falls(e.held); }
  return e;
}
function equityFrame(div, span) {
  const e = equityParts(), n = e.t.length;
  const from = span ? Math.max(0, placeOf(e.t, span[0]) - 1) : 0;
  const to = span ? Math.min(n, placeOf(e.t, span[1]) + 1) : n;
  const range = padded(extent([e.equity, e.held, [e.start]], from, Math.max(to, from + 1)));
  if (range[0] > e.start) range[0] = e.start - (range[1] - e.start) * 0.04;
  if (range[1] < e.start) range[1] = e.start + (e.start - range[0]) * 0.04;
  const low = padded(extent([e.fall, e.heldFall], from, to))[0];
  const height = div.clientHeight - 72, last = Math.max(0, to - 1);
  const money = x => plain(x, Math.abs(x) < 1000 ? 2 : 0);
  const labels = [
    ...endLabels([
      { name: "This run", value: e.equity[last], text: money(e.equity[last]), colour: "ink", yref: "y" },
      { name: "Holding", value: e.held[last], text: money(e.held[last]), colour: "muted-text", yref: "y" },
      { name: "Start", value: e.start, text: money(e.start), colour: "muted-text", yref: "y" },
    ], range, height * 0.62, 32),
    ...endLabels([
      { name: "This run", value: e.fall[last], text: percent(e.fall[last]), colour: "ink", yref: "y2" },
      { name: "Holding", value: e.heldFall[last], text: percent(e.heldFall[last]), colour: "muted-text", yref: "y2" },
    ], [Math.min(low, -0.001), 0.004], height * 0.31, 32),
  ];
  return { "yaxis.range": range, "yaxis2.range": [Math.min(low, -0.001), 0.004], "xaxis.range": span || [e.t[0], e.t[n - 1]], annotations: labels };
}
function drawEquity(div, span) {
  const e = equityParts();
  const line = (y, name, tint, width, more) => ({ type: "scatter", mode: "lines", x: e.t, y, name, line: { color: colour(tint), width }, hovertemplate: `${name} %{y:,.2f}<extra></extra>`, ...more });
  const fall = { hovertemplate: "%{y:.1%}<extra>%{fullData.name}</extra>", yaxis: "y2" };
  const data = [
    line(e.held, "Holding", "muted", 1, { opacity: 0.85 }),
    line(e.equity, "This run", "accent", 2),
    line(e.heldFall, "Holding, fall", "muted", 1, fall),
    line(e.fall, "This run, fall", "loss", 1.5, { ...fall, fill: "tozeroy", fillcolor: colour("loss") + "22" }),
  ];
  const frame = equityFrame(div, span);
  return Plotly.react(div, data, layout({
    margin: { l: narrow() ? 72 : 76, r: 84, t: 14, b: 58 }, hovermode: "x unified", hoversubplots: "axis", annotations: frame.annotations,
    xaxis: timeAxis({ title: { ...title("time (UTC)"), standoff: 20 }, range: frame["xaxis.range"], anchor: "y2", showgrid: false }),
    yaxis: axis({ title: title("equity (quote units)"), domain: [0.38, 1], range: frame["yaxis.range"], tickformat: ",", nticks: 6 }),
    yaxis2: axis({ title: title("fall from peak (%)"), domain: [0, 0.31], range: frame["yaxis2.range"], tickformat: ".0%", nticks: 4, zeroline: true, zerolinecolor: colour("muted") }),
    shapes: [rule(e.start, { yref: "y", line: { width: 1.25, color: colour("ink"), dash: "dash" } })],
  }), config);
}

// Learning beside its twin that keeps day one.
function drawTwin(div, span) {
  const w = read("twin-data"), n = w.t.length;
  if (!n) { div.textContent = "No equity was recorded."; return Promise.resolve(); }
  const from = span ? Math.max(0, placeOf(w.t, span[0]) - 1) : 0;
  const to = Math.max(from + 1, span ? Math.min(n, placeOf(w.t, span[1]) + 1) : n);
  const range = padded(extent([w.learning, w.frozen, [w.start]], from, to)), last = to - 1;
  const money = x => plain(x, Math.abs(x) < 1000 ? 2 : 0);
  const line = (y, name, tint, width, dash) => ({ type: "scatter", mode: "lines", x: w.t, y, name, line: { color: colour(tint), width, dash }, hovertemplate: `${name} %{y:,.2f}<extra></extra>` });
  return Plotly.react(div, [line(w.frozen, "Day one", "muted", 1.5, "dot"), line(w.learning, "Learning", "accent", 2)], layout({
    margin: { l: narrow() ? 72 : 76, r: 84, t: 14, b: 58 }, hovermode: "x unified",
    annotations: endLabels([
      { name: "Learning", value: w.learning[last], text: money(w.learning[last]), colour: "ink", yref: "y" },
      { name: "Day one", value: w.frozen[last], text: money(w.frozen[last]), colour: "muted-text", yref: "y" },
    ], range, div.clientHeight - 72, 32),
    xaxis: timeAxis({ title: { ...title("time (UTC)"), standoff: 20 }, range: span || [w.t[0], w.t[n - 1]] }),
    yaxis: axis({ title: title("equity (quote units)"), range, tickformat: ",", nticks: 6 }),
    shapes: [rule(w.start, { yref: "y", line: { width: 1.25, color: colour("ink"), dash: "dash" } })],
  }), config);
}

// Trades, unpacked once.
const FIELDS = ["id", "symbol", "side", "strategy", "standing", "opened", "closed", "entry", "exit", "stop", "stopLast", "target", "reason", "net", "r"];
let unpacked;
function trades() {
  if (!unpacked) unpacked = read("trades-data").rows.map((row, at) => Object.fromEntries([["at", at], ...FIELDS.map((field, i) => [field, row[i]])]));
  return unpacked;
}
const symbolOf = trade => read("trades-data").symbols[trade.symbol];
const priceOf = (trade, value) => plain(value, symbolOf(trade).decimals);

// Prices: candles merged to what a screen can show, and every trade at its exact place.
const prices = { symbol: 0, span: null, picked: null };
const candles = () => read("candles-" + prices.symbol);
const tradesHere = () => trades().filter(trade => trade.symbol === prices.symbol);
function merged(c, from, to) {
  const step = Math.max(1, Math.ceil((to - from) / CANDLES_SHOWN));
  const out = { x: [], open: [], high: [], low: [], close: [], step };
  for (let i = from; i < to; i += step) {
    const end = Math.min(to, i + step);
    const [low, high] = [extent([c.l], i, end)[0], extent([c.h], i, end)[1]];
    out.x.push(c.t[i]); out.open.push(c.o[i]); out.close.push(c.c[end - 1]); out.high.push(high); out.low.push(low);
  }
  return out;
}
// Time between sessions is cut out where candles stand apart by more than is usual for them.
function closedTimes(m) {
  if (!symbolOf(prices).closes || m.x.length < 3) return [];
  const apart = m.x.slice(1).map((x, i) => x - m.x[i]), usual = [...apart].sort((a, b) => a - b)[apart.length >> 1];
  return apart.flatMap((ms, i) => (ms > 1.5 * usual ? [{ bounds: [m.x[i] + usual, m.x[i + 1]] }] : []));
}
function hoverOf(trade, isEntry) {
  const prices = isEntry
    ? `entry ${priceOf(trade, trade.entry)}, stop ${priceOf(trade, trade.stop)}${trade.target === null ? "" : ", target " + priceOf(trade, trade.target)}`
    : `exit ${priceOf(trade, trade.exit)}`;
  return `<b>${signed(trade.r, 2)} R, ${signed(trade.net, 2)} net</b><br>${trade.side} ${inert(clip(symbolOf(trade).name, 40))}, ${prices}` +
    `<br>${inert(spoken(trade.strategy))}, ${spoken(trade.standing)}, ended by ${spoken(trade.reason)}` +
    `<br>${minute(isEntry ? trade.opened : trade.closed)} UTC<br>hindsight explain ${inert(trade.id)}`;
}
function marks(list, isEntry, symbol, tint, open, size) {
  return {
    type: "scatter", mode: "markers", x: list.map(t => (isEntry ? t.opened : t.closed)), y: list.map(t => (isEntry ? t.entry : t.exit)),
    customdata: list.map(t => t.at), hovertext: list.map(t => hoverOf(t, isEntry)), hovertemplate: "%{hovertext}<extra></extra>",
    marker: { symbol, size: isEntry ? size : size * 0.85, color: open ? colour("paper") : colour(tint), line: { width: open && size > 7 ? 2 : 1, color: open ? colour(tint) : colour("paper") } },
  };
}
function lives(list, price, tint) {
  const x = [], y = [];
  for (const t of list) if (price(t) !== null) { x.push(t.opened, t.closed, null); y.push(price(t), price(t), null); }
  return { type: "scatter", mode: "lines", x, y, line: { color: colour(tint), width: 1 }, hoverinfo: "skip", connectgaps: false };
}
const digitsFor = range => Math.max(0, Math.min(symbolOf(prices).decimals, Math.ceil(-Math.log10((range || 1) / 8))));
function pricesFigure(div) {
  const c = candles(), n = c.t.length, span = prices.span;
  const from = span ? Math.max(0, placeOf(c.t, span[0]) - 1) : 0;
  const to = span ? Math.min(n, placeOf(c.t, span[1]) + 1) : n;
  const here = tradesHere();
  const inView = span ? here.filter(t => t.closed >= span[0] && t.opened <= span[1]) : here;
  const m = merged(c, from, Math.max(to, from));
  const lines = inView.length <= LINES_SHOWN;
  // Marks shrink where trades lie dense, so that the price stays visible behind them.
  const size = Math.max(4, Math.min(12, 4 + 0.7 * div.clientWidth / Math.max(1, inView.length)));
  const last = inView.filter(t => t.stopLast !== t.stop);
  const data = [
    { type: "candlestick", x: m.x, open: m.open, high: m.high, low: m.low, close: m.close, hoverinfo: "x+y", whiskerwidth: 0,
      increasing: { line: { color: colour("muted"), width: 1 }, fillcolor: colour("paper") },
      decreasing: { line: { color: colour("muted"), width: 1 }, fillcolor: colour("muted") } },
    { ...lives(inView, t => t.stop, "loss"), visible: lines },
    { ...lives(inView, t => t.target, "gain"), visible: lines },
    { type: "scatter", mode: "markers", x: last.map(t => t.closed), y: last.map(t => t.stopLast), hoverinfo: "skip", visible: lines, marker: { symbol: "line-ew-open", size: 12, color: colour("loss"), line: { width: 1.5 } } },
    marks(inView.filter(t => t.net <= 0), false, "circle", "loss", true, size),
    marks(inView.filter(t => t.net > 0), false, "circle", "gain", false, size),
    marks(inView.filter(t => t.side === "long"), true, "triangle-up", "ink", false, size),
    marks(inView.filter(t => t.side === "short"), true, "triangle-down", "ink", false, size),
  ];
  const columns = [m.low, m.high];
  let [low, high] = extent(columns, 0, m.low.length);
  for (const t of span ? inView : []) if (lines) { low = Math.min(low, t.stop, t.entry, t.exit); high = Math.max(high, t.stop, t.entry, t.exit); }
  const bars = m.step * symbolOf(prices).bars;
  const counted = `1 candle = ${plain(bars, 0)} ${bars === 1 ? "bar" : "bars"}` + (lines || narrow() ? "" : "; zoom for stops, targets");
  const picked = prices.picked !== null && trades()[prices.picked].symbol === prices.symbol ? trades()[prices.picked] : null;
  return [data, layout({
    margin: { l: narrow() ? 72 : 76, r: 16, t: 26, b: 58 }, hovermode: "closest",
    xaxis: timeAxis({ title: { ...title("time (UTC)"), standoff: 20 }, range: span || [c.t[0], c.t[n - 1]], rangeslider: { visible: false }, rangebreaks: closedTimes(m) }),
    yaxis: axis({ title: title("price (quote units)"), range: padded([low, high], 0.05), tickformat: `,.${digitsFor(high - low)}f`, nticks: 7 }),
    annotations: [{ xref: "paper", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "bottom", yshift: 4, showarrow: false, text: counted, font: { size: 12, color: colour("muted-text") } }],
    shapes: picked ? [{ type: "rect", yref: "paper", x0: picked.opened, x1: picked.closed, y0: 0, y1: 1, layer: "below", line: { width: 0 }, fillcolor: colour("muted") + "26" }] : [],
  }), config];
}
function drawPrices(div) {
  if (!candles().t.length) { div.textContent = "This symbol has no bars."; return Promise.resolve(); }
  return Plotly.react(div, ...pricesFigure(div));
}

// One line, or two where one would leave the chart.
function folded(text) {
  const whole = clip(text, 68), cut = whole.length > 34 ? whole.lastIndexOf(" ", 36) : -1;
  return cut < 0 ? inert(whole) : `${inert(whole.slice(0, cut))}<br>${inert(whole.slice(cut + 1))}`;
}

// One head's weight in its box.
function drawWeight(div, span) {
  const w = read("weights-data"), head = w.heads[Number(div.dataset.head)];
  if (!w.t.length) { div.textContent = "No version was published."; return Promise.resolve(); }
  const waits = head.waits !== null, end = Math.max(w.until, w.t[w.t.length - 1]);
  const why = w.t.map((at, i) => `version ${plain(w.version[i], 0)}, ${minute(at)} UTC<br>${inert(spoken(w.reason[i]))}, ${plain(w.effective[i], 0)} effective outcomes<br>weight ${plain(head.weights[i], 3)}`);
  const ink = colour(waits ? "muted" : "accent");
  const data = [
    { type: "scatter", mode: "lines", x: [...w.t, end], y: [...head.weights, head.weights[head.weights.length - 1]], line: { shape: "hv", color: ink, width: 2 }, hoverinfo: "skip" },
    { type: "scatter", mode: "markers", x: w.t, y: head.weights, hovertext: why, hovertemplate: "%{hovertext}<extra></extra>", marker: { symbol: "line-ns-open", size: 7, color: ink, line: { width: 1 } } },
  ];
  const top = Math.max(w.high, ...head.weights) * 1.12;
  const bound = y => rule(y, { line: { width: 1, color: colour("muted"), dash: "dash" } });
  const texts = waits ? [{ xref: "paper", yref: "paper", x: 0.5, y: 0.68, showarrow: false, text: folded(head.waits), font: { size: 12, color: colour("muted-text") } }] : [];
  return Plotly.react(div, data, layout({
    margin: { l: 58, r: 10, t: 8, b: 50 }, hovermode: "closest", font: { ...layout({}).font, size: 12 }, annotations: texts,
    xaxis: timeAxis({ range: span || [w.t[0], end], nticks: 4, title: { ...title("time (UTC)"), standoff: 18, font: { size: 12, color: colour("muted-text") } } }),
    yaxis: axis({ range: [0, top], tickvals: [0, w.low, w.high], tickformat: ".2f", fixedrange: true, showgrid: false, zeroline: true, zerolinecolor: colour("muted"), title: { ...title("weight"), font: { size: 12, color: colour("muted-text") } } }),
    shapes: [
      { type: "rect", xref: "paper", x0: 0, x1: 1, y0: w.low, y1: w.high, layer: "below", line: { width: 0 }, fillcolor: colour("soft") },
      bound(w.low), bound(w.high), rule(head.weights[0], { line: { width: 1, color: colour("muted"), dash: "dot" } }),
    ],
  }), { ...config, displayModeBar: false });
}

// Rulings on models by when they were made, a row for each kind of them.
const RULINGS = ["enter", "keep", "watch", "canary", "ramp", "propose", "promote", "supersede", "drop", "roll_back"];
const GRAVE = { promote: "gain", roll_back: "loss", drop: "loss" };
function drawRulings(div, span) {
  const m = read("models-data"), known = new Set(m.ruling), ends = read("equity-data").t;
  const rows = [...RULINGS.filter(name => known.has(name)), ...[...known].filter(name => !RULINGS.includes(name))];
  const row = new Map(rows.map((name, i) => [name, rows.length - 1 - i]));
  const tint = m.ruling.map(name => colour(GRAVE[name] || "accent"));
  const hover = m.t.map((at, i) => `<b>version ${plain(m.version[i], 0)}: ${inert(spoken(m.ruling[i]))}</b>, now ${m.to[i]}<br>${minute(at)} UTC<br>${folded(m.says[i])}`);
  const whole = ends.length ? [Math.min(ends[0], m.t[0]), Math.max(ends[ends.length - 1], m.t[m.t.length - 1])] : undefined;
  return Plotly.react(div, [{
    type: "scatter", mode: "markers", x: m.t, y: m.ruling.map(name => row.get(name)), hovertext: hover, hovertemplate: "%{hovertext}<extra></extra>",
    marker: { symbol: m.ruling.map(name => ({ promote: "triangle-up", roll_back: "triangle-down", drop: "triangle-down-open" })[name] || "circle"), size: m.t.length > 300 ? 6 : 9, color: tint, line: { width: 1, color: tint } },
  }], layout({
    margin: { l: 84, r: 16, t: 14, b: 58 }, hovermode: "closest",
    xaxis: timeAxis({ title: { ...title("time (UTC)"), standoff: 20 }, range: span || whole }),
    yaxis: axis({ tickvals: rows.map(name => row.get(name)), ticktext: rows.map(name => inert(clip(spoken(name), 12))), range: [-0.6, rows.length - 0.4], fixedrange: true }),
  }), config);
}

// Evidence under the last hypotheses, by blocks compared, on powers of ten.
const LEAST_E = 0.1, MOST_E = 1e6;
const evidence = e => (e >= MOST_E ? "over 1,000,000" : plain(e, e < 10 ? 1 : 0));
function drawEvidence(div) {
  const paths = read("models-data").paths.filter(path => path.e.length > 1);
  const seen = e => Math.max(LEAST_E, Math.min(MOST_E, e)), needed = paths[paths.length - 1].needed;
  const high = Math.log10(Math.max(needed * 3, ...paths.flatMap(path => path.e.map(seen)))) + 0.1, low = Math.log10(LEAST_E) - 0.1;
  const far = Math.max(...paths.map(path => path.blocks[path.blocks.length - 1]));
  const data = paths.map(path => ({
    type: "scatter", mode: "lines+markers", x: path.blocks, y: path.e.map(seen), line: { color: colour(path.stands ? "accent" : "muted"), width: path.stands ? 2 : 1.25 }, marker: { size: path.stands ? 5 : 4 },
    hovertext: path.e.map((e, i) => `hypothesis ${path.hypothesis}${path.stands ? ", stands" : ""}<br>e = ${evidence(e)} of ${plain(path.needed, 0)} after ${plain(path.blocks[i], 0)} blocks`), hovertemplate: "%{hovertext}<extra></extra>",
  }));
  const labels = endLabels(paths.map(path => ({
    name: `No. ${path.hypothesis}${path.stands ? ", stands" : ""}`, value: Math.log10(seen(path.e[path.e.length - 1])),
    text: `e = ${evidence(path.e[path.e.length - 1])}`, colour: path.stands ? "ink" : "muted-text", yref: "y",
  })), [low, high], div.clientHeight - 72, 32);
  const aim = { xref: "paper", x: 0, xanchor: "left", xshift: 6, yref: "y", y: Math.log10(needed), yanchor: "bottom", showarrow: false, font: { size: 12, color: colour("muted-text") }, text: `${plain(needed, 0)} needed` };
  return Plotly.react(div, data, layout({
    margin: { l: narrow() ? 62 : 76, r: 92, t: 14, b: 58 }, hovermode: "closest", annotations: [...labels, aim], dragmode: false,
    xaxis: axis({ title: { ...title("blocks compared"), standoff: 20 }, range: [0, far], tickformat: ",d", nticks: 6, showgrid: false, fixedrange: true }),
    yaxis: axis({ type: "log", title: title("evidence (e)"), range: [low, high], tickvals: [0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6], ticktext: ["≤ 0.1", "1", "10", "100", "1,000", "10,000", "100,000", "10⁶"], fixedrange: true }),
    shapes: [rule(1, {}), rule(needed, { line: { width: 1.25, color: colour("ink"), dash: "dash" } })],
  }), { ...config, displayModeBar: false });
}

// What was said beside what came of it.
function drawCalibration(div) {
  const c = read("models-data").calibration;
  // Chances may lie close together where shares are little known: each axis has its own range.
  const n = c.said.length, within = ([low, high]) => [Math.max(0, low), Math.min(1, high)];
  const [least, most] = extent([c.said], 0, n), room = Math.max(0.02, 0.1 * (most - least));
  const said = within([least - room, most + room]), won = within(padded(extent([c.low, c.high, said], 0, Math.max(n, 2))));
  const why = c.said.map((said, i) => `said ${percentOf(said)}, won ${percentOf(c.won[i])} [${plain(100 * c.low[i], 1)}, ${plain(100 * c.high[i], 1)}]<br>n = ${plain(c.n[i], 0)}, effective ${plain(c.effective[i], 0)}`);
  const share = (text, range) => axis({ title: { ...title(text), standoff: 16 }, range, tickformat: range[1] - range[0] < 0.1 ? ".1%" : ".0%", nticks: 6, fixedrange: true });
  return Plotly.react(div, [
    { type: "scatter", mode: "lines", x: said, y: said, line: { color: colour("muted"), width: 1.25, dash: "dash" }, hoverinfo: "skip" },
    { type: "scatter", mode: "markers", x: c.said, y: c.won, marker: { size: 8, color: colour("accent") }, hovertext: why, hovertemplate: "%{hovertext}<extra></extra>",
      error_y: { type: "data", symmetric: false, array: c.high.map((high, i) => high - c.won[i]), arrayminus: c.low.map((low, i) => c.won[i] - low), color: colour("accent"), thickness: 1.25, width: 3 } },
  ], layout({
    margin: { l: 66, r: 16, t: 14, b: 58 }, hovermode: "closest", dragmode: false,
    annotations: [{ x: said[1], y: said[1], xanchor: "right", yanchor: "top", xshift: -14, yshift: -2, showarrow: false, text: "as said", font: { size: 12, color: colour("muted-text") } }],
    xaxis: share("chance that was said (%)", said), yaxis: share("share that won (%)", won),
  }), { ...config, displayModeBar: false });
}

// Charts are drawn when they come near the screen, and zoom in time together.
const view = { span: null };
const TIMELESS = new Set(["evidence", "calibration"]);
const drawers = { rulings: div => drawRulings(div, view.span), evidence: drawEvidence, calibration: drawCalibration, equity: div => drawEquity(div, view.span), twin: div => drawTwin(div, view.span), prices: drawPrices, weight: div => drawWeight(div, view.span) };
const drawn = new Set();
function draw(div) {
  div.dataset.busy = "1";
  const listens = drawn.has(div);
  return Promise.resolve(drawers[div.dataset.chart](div)).then(() => {
    drawn.add(div);
    delete div.dataset.busy;
    if (!listens && div.on) listen(div);
  });
}
function listen(div) {
  div.on("plotly_relayout", change => {
    if (div.dataset.busy || TIMELESS.has(div.dataset.chart)) return;
    const [from, to] = change["xaxis.range"] || [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (change["xaxis.autorange"]) zoom(null);
    else if (from !== undefined && to !== undefined) zoom([moment(from), moment(to)]);
  });
  if (div.dataset.chart === "prices") div.on("plotly_click", event => {
    const at = event.points.map(point => point.customdata).find(at => typeof at === "number");
    if (at !== undefined) pick(at, false);
  });
}
function zoom(span) {
  view.span = span;
  prices.span = span;
  drawn.forEach(draw);
}

// A chart in focus moves with the arrow keys, narrows with + and widens with -; 0 shows the whole run.
function steer(event) {
  const kind = event.currentTarget.dataset.chart;
  if (TIMELESS.has(kind)) return;
  const whole = read("equity-data").t, ends = [whole[0], whole[whole.length - 1]];
  const [from, to] = (kind === "prices" ? prices.span : view.span) || ends, width = to - from;
  const spans = {
    ArrowLeft: [from - width / 5, to - width / 5], ArrowRight: [from + width / 5, to + width / 5],
    "+": [from + width / 4, to - width / 4], "=": [from + width / 4, to - width / 4],
    "-": [from - width / 2, to + width / 2], "0": null, Escape: null,
  };
  if (!whole.length || event.ctrlKey || event.metaKey || event.altKey || !(event.key in spans)) return;
  event.preventDefault();
  const span = spans[event.key];
  zoom(span && (span[0] > ends[0] || span[1] < ends[1]) ? [Math.max(span[0], ends[0]), Math.min(span[1], ends[1])] : null);
}

// Any table sorts by any column; numbers begin with the highest, words with the first.
const figure = text => {
  const found = text.replaceAll(MINUS, "-").replaceAll(",", "").match(/^[^0-9+-]*([+-]?[0-9]+(?:\.[0-9]+)?)/);
  return found ? Number(found[1]) : -Infinity;
};
function sortable(table) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  if (body.rows.length < 3) return;
  heads.forEach((head, at) => {
    const isNumber = head.classList.contains("number"), name = head.textContent || "Name";
    const button = element("button", name, { type: "button", title: "Sort by " + name.toLowerCase() });
    if (!head.textContent) button.className = "quiet";
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const falling = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "ascending" : isNumber;
      const value = row => (isNumber ? figure(row.cells[at]?.textContent || "") : row.cells[at]?.textContent || "");
      const rows = [...body.rows].map((row, i) => [value(row), i, row]);
      rows.sort(([a, i], [b, j]) => (a < b ? -1 : a > b ? 1 : i - j) * (falling ? -1 : 1));
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      body.replaceChildren(...rows.map(([, , row]) => row));
    });
  });
}

// One decision kept below the chart, so that its command can be copied.
function element(name, text, more = {}) {
  const made = Object.assign(document.createElement(name), more);
  if (text !== undefined) made.textContent = text;
  return made;
}
function pick(at, andGo) {
  const t = trades()[at], box = document.getElementById("picked");
  const first = element("p"), span = t.closed - t.opened;
  first.append(element("b", `${signed(t.r, 2)}${NBSP}R, ${signed(t.net, 2)} net`, { className: tone(t.net) }),
    ` ${t.side} ${symbolOf(t).name} by ${spoken(t.strategy)}, ${spoken(t.standing)}, ended by ${spoken(t.reason)}`);
  const second = `${minute(t.opened)} at ${priceOf(t, t.entry)} to ${minute(t.closed)} UTC at ${priceOf(t, t.exit)}; stop ${priceOf(t, t.stop)}` +
    (t.stopLast === t.stop ? "" : `, at the end ${priceOf(t, t.stopLast)}`) + (t.target === null ? "" : `, target ${priceOf(t, t.target)}`);
  const third = element("p");
  third.append(element("code", `hindsight explain ${t.id}`));
  box.replaceChildren(first, element("p", second), third);
  prices.picked = at;
  if (!andGo) return draw(document.querySelector('[data-chart="prices"]'));
  prices.span = around(t, span);
  return show(t.symbol);
}
// A trade with some room before and after it, at least forty candles in all.
function around(trade, span) {
  const c = read("candles-" + trade.symbol), i = placeOf(c.t, trade.opened);
  const bar = c.t.length > 1 ? (c.t[c.t.length - 1] - c.t[0]) / (c.t.length - 1) : span;
  const room = Math.max(span * 1.5, bar * 25);
  const start = c.t[Math.max(0, Math.min(i, c.t.length - 1))];
  return [Math.min(start, trade.opened) - room, trade.closed + room];
}
function show(symbol) {
  prices.symbol = symbol;
  all("[data-tab]").forEach(tab => tab.setAttribute("aria-pressed", String(Number(tab.dataset.tab) === symbol)));
  all(".finding").forEach(finding => { finding.hidden = Number(finding.dataset.symbol) !== symbol; });
  steps();
  return draw(document.querySelector('[data-chart="prices"]'));
}
function go(where) {
  const here = tradesHere(), byNet = [...here].sort((a, b) => a.net - b.net);
  if (!here.length) return;
  const now = here.findIndex(trade => trade.at === prices.picked);
  const next = { worst: byNet[0], best: byNet[byNet.length - 1], later: here[Math.min(here.length - 1, now + 1)], earlier: here[now < 0 ? here.length - 1 : Math.max(0, now - 1)] }[where];
  pick(next.at, true);
}
function steps() {
  const none = !tradesHere().length;
  all("[data-go]").forEach(button => { button.disabled = none; });
}

// The table of trades: sorted in memory, twenty-five rows in the page.
const list = { key: "net", falling: false, page: 0 };
const ORDERS = { worst: ["net", false], best: ["net", true], latest: ["closed", true] };
function sorted() {
  const key = list.key, by = key === "symbol" ? t => symbolOf(t).name : t => t[key];
  const sign = list.falling ? -1 : 1;
  return [...trades()].sort((a, b) => { const [x, y] = [by(a), by(b)]; return (x < y ? -1 : x > y ? 1 : a.at - b.at) * sign; });
}
function cellsOf(t) {
  const id = element("button", t.id, { type: "button", title: "Show in the chart" });
  id.addEventListener("click", () => { pick(t.at, true); document.getElementById("prices").scrollIntoView(); });
  return [id, minute(t.opened), minute(t.closed), clip(symbolOf(t).name, 40), t.side, spoken(t.strategy), spoken(t.standing), priceOf(t, t.entry), priceOf(t, t.exit),
    spoken(t.reason), element("span", signed(t.net, 2), { className: tone(t.net) }), signed(t.r, 2) + NBSP + "R"];
}
function listTrades() {
  const table = document.getElementById("trade-table");
  if (!table) return;
  const rows = sorted(), pages = Math.max(1, Math.ceil(rows.length / ROWS_SHOWN));
  list.page = Math.max(0, Math.min(list.page, pages - 1));
  const from = list.page * ROWS_SHOWN, heads = [...table.tHead.rows[0].cells];
  table.tBodies[0].replaceChildren(...rows.slice(from, from + ROWS_SHOWN).map(t => {
    const row = element("tr");
    cellsOf(t).forEach((content, i) => { const cell = element("td", undefined, { className: heads[i].className }); cell.append(content); row.append(cell); });
    return row;
  }));
  heads.forEach(head => {
    if (head.firstElementChild.dataset.sort === list.key) head.setAttribute("aria-sort", list.falling ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
  all("[data-order]").forEach(button => { const [key, falling] = ORDERS[button.dataset.order]; button.setAttribute("aria-pressed", String(key === list.key && falling === list.falling)); });
  const column = heads.find(head => head.firstElementChild.dataset.sort === list.key).textContent.trim().toLowerCase();
  const [low, high] = typeof trades()[0][list.key] === "number" && list.key !== "symbol" ? (["opened", "closed"].includes(list.key) ? ["earliest", "latest"] : ["lowest", "highest"]) : ["A", "Z"];
  const first = list.falling ? high : low;
  document.getElementById("trade-caption").textContent = `Trades ${plain(from + 1, 0)} to ${plain(Math.min(rows.length, from + ROWS_SHOWN), 0)} of ${plain(rows.length, 0)}, by ${column}, ${first} first`;
  pager(pages);
}
function pager(pages) {
  const turn = (text, page) => {
    const button = element("button", text, { type: "button", disabled: page < 0 || page >= pages || page === list.page });
    button.addEventListener("click", () => {
      list.page = page; listTrades();
      const again = all("#trade-pages button").find(other => other.textContent === text && !other.disabled);
      (again || document.querySelector("#trade-pages button:not(:disabled)"))?.focus();
    });
    return button;
  };
  if (pages > 1) document.getElementById("trade-pages").replaceChildren(turn("First", 0), turn("Previous", list.page - 1),
    element("span", `Page ${plain(list.page + 1, 0)} of ${plain(pages, 0)}`), turn("Next", list.page + 1), turn("Last", pages - 1));
}
function order(key, falling) { Object.assign(list, { key, falling, page: 0 }); listTrades(); }

// Wiring.
function start() {
  const near = new IntersectionObserver(seen => seen.filter(one => one.isIntersecting).forEach(one => { near.unobserve(one.target); draw(one.target); }), { rootMargin: "300px" });
  all("[data-chart]").forEach(div => { near.observe(div); div.addEventListener("keydown", steer); });
  all("table:not(#trade-table):not(.funnel):not(.bars)").forEach(sortable);
  all("[data-whole]").forEach(button => button.addEventListener("click", () => zoom(null)));
  all("[data-tab]").forEach(button => button.addEventListener("click", () => { prices.span = view.span; show(Number(button.dataset.tab)); }));
  all("[data-go]").forEach(button => button.addEventListener("click", () => go(button.dataset.go)));
  all("[data-order]").forEach(button => button.addEventListener("click", () => order(...ORDERS[button.dataset.order])));
  all("[data-sort]").forEach(button => button.addEventListener("click", () => {
    const key = button.dataset.sort;
    order(key, list.key === key ? !list.falling : false);
  }));
  steps();
  listTrades();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach(draw));
  window.addEventListener("beforeprint", () => { document.documentElement.dataset.print = "1"; all("details").forEach(part => { part.dataset.was = part.open ? "1" : ""; part.open = true; }); all("[data-chart]").forEach(draw); });
  window.addEventListener("afterprint", () => { delete document.documentElement.dataset.print; all("details").forEach(part => { part.open = part.dataset.was === "1"; }); drawn.forEach(draw); });
}
start();
})();
